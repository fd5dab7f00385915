import { EditorField, EditorSwitch, QueryOptionGroup } from '@grafana/plugin-ui';
import React, { useId } from 'react';

import { backendDefaults } from '../defaults';
import type { MeshQuery } from '../types';
import { LimitField } from './LimitField';

interface Props {
  query: MeshQuery;
  change: (changed: Partial<MeshQuery>) => void;
}

/** What is seldom changed, and told in a line while it is closed. */
export function QueryOptions({ query, change }: Props) {
  const id = useId();
  const { idle = false, waypoints = false } = query;
  const limit = query.limit || backendDefaults.limit;
  const told = [
    `Idle edges: ${idle ? 'shown' : 'hidden'}`,
    `Waypoints: ${waypoints ? 'shown' : 'hidden'}`,
    `At most ${limit} nodes`,
  ];
  return (
    <QueryOptionGroup title="Options" collapsedInfo={told}>
      <EditorField label="Idle edges" tooltip="Shows edges without traffic in the range." htmlFor={`${id}-idle`}>
        <EditorSwitch
          id={`${id}-idle`}
          value={idle}
          onChange={(event) => change({ idle: event.currentTarget.checked })}
        />
      </EditorField>
      <EditorField
        label="Waypoints"
        tooltip="Shows the hops through waypoints instead of the calls alone."
        htmlFor={`${id}-waypoints`}
      >
        <EditorSwitch
          id={`${id}-waypoints`}
          value={waypoints}
          onChange={(event) => change({ waypoints: event.currentTarget.checked })}
        />
      </EditorField>
      <LimitField inputId={`${id}-limit`} limit={limit} onChange={(limit) => change({ limit })} />
    </QueryOptionGroup>
  );
}
