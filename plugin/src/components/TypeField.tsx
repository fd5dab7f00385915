import { EditorField } from '@grafana/plugin-ui';
import { Alert, RadioButtonGroup, Text } from '@grafana/ui';
import React, { useId } from 'react';

import { labelOf, offered, queryTypes } from '../choices';
import { alertTypes, typeOf } from '../defaults';
import type { MeshQuery, QueryType } from '../types';

interface Props {
  query: MeshQuery;
  isAlerting: boolean;
  onChange: (queryType: QueryType) => void;
}

/** What is asked for. An alert rule is offered what it can evaluate, and told of the rest. */
export function TypeField({ query, isAlerting, onChange }: Props) {
  const id = useId();
  const type = typeOf(query);
  const allowed = isAlerting ? queryTypes.filter(({ value }) => alertTypes.includes(value)) : queryTypes;
  const isRefused = isAlerting && !alertTypes.includes(type);
  return (
    <>
      <EditorField label="Query type">
        <RadioButtonGroup
          aria-label="Query type"
          id={`${id}-type`}
          options={offered(allowed, isRefused ? '' : type).filter(({ value }) => value !== '')}
          value={isRefused ? undefined : type}
          onChange={(chosen) => onChange(chosen as QueryType)}
        />
      </EditorField>
      {isRefused && (
        <Alert severity="warning" title={`An alert rule cannot evaluate ${labelOf(queryTypes, type)}`}>
          Choose Health or Traffic.
        </Alert>
      )}
      {isAlerting && (
        <Text element="p" color="secondary" variant="bodySmall">
          Alert rules evaluate one number per node or edge. Health is the verdict: 0 healthy, 1 not ready, 2 degraded, 3
          failure. Traffic is rates and ratios over time, which take a Reduce expression. Graphs, tables, changes and
          names have no such number.
        </Text>
      )}
    </>
  );
}
