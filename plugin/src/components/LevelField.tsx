import React from 'react';

import { levels, levelsOfHealth, offered } from '../choices';
import { backendDefaults, entityOf, typeOf } from '../defaults';
import type { MeshQuery } from '../types';
import { RadioField } from './RadioField';

interface Props {
  query: MeshQuery;
  change: (changed: Partial<MeshQuery>) => void;
}

/** What a node is. */
export function LevelField({ query, change }: Props) {
  const level = query.level || backendDefaults.level;
  const choices = typeOf(query) === 'health' ? levelsOfHealth(entityOf(query)) : levels;
  return (
    <RadioField
      label="Level"
      tooltip="What a node is, or what an edge is between"
      choices={offered(choices, level)}
      value={level}
      onChange={(level) => change({ level })}
    />
  );
}
