import { EditorField } from '@grafana/plugin-ui';
import { RadioButtonGroup } from '@grafana/ui';
import React, { useId } from 'react';

import { levels, levelsOfHealth, offered } from '../choices';
import { backendDefaults, entityOf, typeOf } from '../defaults';
import type { MeshQuery } from '../types';

interface Props {
  query: MeshQuery;
  change: (changed: Partial<MeshQuery>) => void;
}

/** What a node is. */
export function LevelField({ query, change }: Props) {
  const id = useId();
  const level = query.level || backendDefaults.level;
  const choices = typeOf(query) === 'health' ? levelsOfHealth(entityOf(query)) : levels;
  return (
    <EditorField label="Level" tooltip="What a node is, or what an edge is between">
      <RadioButtonGroup
        aria-label="Level"
        id={`${id}-level`}
        options={offered(choices, level)}
        value={level}
        onChange={(level) => change({ level })}
      />
    </EditorField>
  );
}
