import React, { useId } from 'react';

import type { MeshQuery } from '../types';
import { NamesField } from './NamesField';
import type { NameSource } from './useNames';

interface Props {
  source: NameSource;
  query: MeshQuery;
  /** What is narrowed, as a sentence. */
  meaning: string;
  change: (changed: Partial<MeshQuery>) => void;
}

/** The part of the mesh that is asked for. Namespaces are offered of the clusters that are chosen. */
export function PlaceFields({ source, query, meaning, change }: Props) {
  const id = useId();
  return (
    <>
      <NamesField
        inputId={`${id}-clusters`}
        label="Clusters"
        tooltip={`Names, globs such as eu-*, or variables. ${meaning}`}
        source={source}
        question={{ of: 'clusters' }}
        names={query.clusters}
        onChange={(clusters) => change({ clusters })}
      />
      <NamesField
        inputId={`${id}-namespaces`}
        label="Namespaces"
        tooltip={`Names, globs such as shop-*, or variables. ${meaning}`}
        source={source}
        question={{ of: 'namespaces', clusters: query.clusters }}
        names={query.namespaces}
        onChange={(namespaces) => change({ namespaces })}
      />
    </>
  );
}
