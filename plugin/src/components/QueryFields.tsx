import { EditorRow } from '@grafana/plugin-ui';
import React, { useId } from 'react';

import { colorings, entities, maxGraphStats, offered, ofs, protocols, stats } from '../choices';
import { backendDefaults, entityOf, typeOf } from '../defaults';
import { says, type TypedField } from '../fields';
import type { MeshQuery } from '../types';
import { ChoiceField } from './ChoiceField';
import { ChoicesField } from './ChoicesField';
import { ExpressionField } from './ExpressionField';
import { FocusRow } from './FocusRow';
import { LevelField } from './LevelField';
import { PlaceFields } from './PlaceFields';
import { QueryOptions } from './QueryOptions';
import { RadioField } from './RadioField';
import type { NameSource } from './useNames';

interface Props {
  source: NameSource;
  query: MeshQuery;
  change: (changed: Partial<MeshQuery>) => void;
}

/** What a place means: an edge has two ends. */
const placeMeaning = 'A call is shown if its source or its destination is in one of them.';

/** The fields that say something in a query of its type. */
export function QueryFields({ source, query, change }: Props) {
  const id = useId();
  const type = typeOf(query);
  const has = (field: TypedField) => says(type, field);
  const most = type === 'graph' ? maxGraphStats : undefined;
  const byDefault = 'Request rate, Error ratio';
  return (
    <>
      <EditorRow>
        {has('of') && (
          <RadioField
            label="Names of"
            tooltip="What the values are the names of"
            choices={offered(ofs, query.of || backendDefaults.of)}
            value={query.of || backendDefaults.of}
            onChange={(of) => change({ of })}
          />
        )}
        {has('entity') && (
          <RadioField
            label="Of"
            tooltip="What there is a verdict or a series of"
            choices={offered(entities, entityOf(query))}
            value={entityOf(query)}
            onChange={(entity) => change({ entity })}
          />
        )}
        {has('level') && <LevelField query={query} change={change} />}
        {has('stats') && (
          <ChoicesField
            inputId={`${id}-stats`}
            label="Stats"
            tooltip="A series of each of these for each node or edge."
            choices={stats}
            placeholder="Request rate"
            values={query.stats}
            onChange={(stats) => change({ stats })}
          />
        )}
        <ChoicesField
          inputId={`${id}-protocols`}
          label="Protocols"
          choices={protocols}
          placeholder="All"
          values={query.protocols}
          onChange={(protocols) => change({ protocols })}
        />
      </EditorRow>
      <EditorRow>
        <PlaceFields source={source} query={query} meaning={placeMeaning} change={change} />
      </EditorRow>
      <FocusRow source={source} query={query} change={change} />
      <EditorRow>
        <ExpressionField
          inputId={`${id}-filter`}
          label="Filter"
          tooltip="An expression that chooses nodes and edges. What stays keeps its numbers."
          placeholder="edge.errorRatio > 0.01"
          datasource={source.datasource}
          value={query.filter}
          onChange={(filter) => change({ filter })}
        />
        {has('highlight') && (
          <ExpressionField
            inputId={`${id}-highlight`}
            label="Highlight"
            tooltip="An expression that marks nodes and edges, in place of failing nodes."
            placeholder="node.health >= 2"
            datasource={source.datasource}
            value={query.highlight}
            onChange={(highlight) => change({ highlight })}
          />
        )}
      </EditorRow>
      {(has('colorBy') || has('nodeStats') || has('edgeStats')) && (
        <EditorRow>
          {has('colorBy') && (
            <ChoiceField
              inputId={`${id}-color`}
              label="Color by"
              tooltip="What the color of a node tells. The color of an edge tells errors."
              choices={colorings}
              value={query.colorBy || (query.compareOffset ? 'change' : backendDefaults.colorBy)}
              onChange={(colorBy) => change({ colorBy })}
            />
          )}
          {has('nodeStats') && (
            <ChoicesField
              inputId={`${id}-node-stats`}
              label="Node stats"
              tooltip="The numbers of a node: of the calls that it gets, or of those that it makes if nothing calls it."
              choices={stats}
              placeholder={byDefault}
              values={query.nodeStats}
              most={most}
              onChange={(nodeStats) => change({ nodeStats })}
            />
          )}
          {has('edgeStats') && (
            <ChoicesField
              inputId={`${id}-edge-stats`}
              label="Edge stats"
              tooltip="The numbers of an edge. A graph shows them when the mouse is over it."
              choices={stats}
              placeholder={byDefault}
              values={query.edgeStats}
              most={most}
              onChange={(edgeStats) => change({ edgeStats })}
            />
          )}
        </EditorRow>
      )}
      <QueryOptions query={query} change={change} />
    </>
  );
}
