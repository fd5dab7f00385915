import type { QueryEditorProps } from '@grafana/data';
import { EditorField, EditorRow, EditorRows } from '@grafana/plugin-ui';
import { RadioButtonGroup } from '@grafana/ui';
import React, { useId } from 'react';

import { colorings, levels, maxStats, offered, protocols, stats } from '../choices';
import type { MeshDataSource } from '../datasource';
import { backendDefaults } from '../defaults';
import type { MeshOptions, MeshQuery } from '../types';
import { ChoiceField } from './ChoiceField';
import { ChoicesField } from './ChoicesField';
import { NamesField } from './NamesField';
import { QueryOptions } from './QueryOptions';
import { useFirstRun } from './useFirstRun';

type Props = QueryEditorProps<MeshDataSource, MeshQuery, MeshOptions>;

export function QueryEditor(props: Props) {
  const { query, onChange, onRunQuery } = props;
  const id = useId();
  useFirstRun(props);
  const level = query.level || backendDefaults.level;

  const change = (changed: Partial<MeshQuery>) => {
    onChange({ ...query, ...changed });
    onRunQuery();
  };

  return (
    <EditorRows>
      <EditorRow>
        <EditorField label="Level" tooltip="What a node of the graph is">
          <RadioButtonGroup
            aria-label="Level"
            id={`${id}-level`}
            options={offered(levels, level)}
            value={level}
            onChange={(level) => change({ level })}
          />
        </EditorField>
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
        <NamesField
          inputId={`${id}-namespaces`}
          label="Namespaces"
          tooltip="Names, globs such as shop-*, or variables. A call is shown if its source or its destination is in one of them."
          names={query.namespaces}
          onChange={(namespaces) => change({ namespaces })}
        />
        <NamesField
          inputId={`${id}-clusters`}
          label="Clusters"
          tooltip="Names, globs such as eu-*, or variables. A call is shown if its source or its destination is in one of them."
          names={query.clusters}
          onChange={(clusters) => change({ clusters })}
        />
      </EditorRow>
      <EditorRow>
        <ChoiceField
          inputId={`${id}-color`}
          label="Color by"
          tooltip="What the color of a node tells. The color of an edge tells errors."
          choices={colorings}
          value={query.colorBy || backendDefaults.colorBy}
          onChange={(colorBy) => change({ colorBy })}
        />
        <ChoicesField
          inputId={`${id}-node-stats`}
          label="Node stats"
          tooltip="The numbers in a node: of the calls that it gets, or of those that it makes if nothing calls it."
          choices={stats}
          placeholder="Request rate, Error ratio"
          values={query.nodeStats}
          most={maxStats}
          onChange={(nodeStats) => change({ nodeStats })}
        />
        <ChoicesField
          inputId={`${id}-edge-stats`}
          label="Edge stats"
          tooltip="The numbers of an edge, shown when the mouse is over it."
          choices={stats}
          placeholder="Request rate, Error ratio"
          values={query.edgeStats}
          most={maxStats}
          onChange={(edgeStats) => change({ edgeStats })}
        />
      </EditorRow>
      <QueryOptions query={query} change={change} />
    </EditorRows>
  );
}
