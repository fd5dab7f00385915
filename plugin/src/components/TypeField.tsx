import { Alert, Text } from '@grafana/ui';
import React from 'react';

import { labelOf, offered, queryTypes } from '../choices';
import { alertTypes, typeOf } from '../defaults';
import type { MeshQuery, QueryType } from '../types';
import { RadioField } from './RadioField';

interface Props {
  query: MeshQuery;
  isAlerting: boolean;
  onChange: (queryType: QueryType) => void;
}

/** What is asked for. An alert rule is offered what it can evaluate, and told of the rest. */
export function TypeField({ query, isAlerting, onChange }: Props) {
  const type = typeOf(query);
  const allowed = isAlerting ? queryTypes.filter(({ value }) => alertTypes.includes(value)) : queryTypes;
  const isRefused = isAlerting && !alertTypes.includes(type);
  return (
    <>
      <RadioField
        label="Query type"
        choices={offered(allowed, isRefused ? '' : type).filter(({ value }) => value !== '')}
        value={isRefused ? undefined : type}
        onChange={(chosen) => onChange(chosen as QueryType)}
      />
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
