import { getTemplateSrv } from '@grafana/runtime';
import { useMemo } from 'react';

import type { Choice } from '../choices';

/** Kinds of variables whose values are no names. */
const others = new Set(['adhoc', 'datasource', 'interval', 'groupby', 'system', 'snapshot']);

/** The variables of the dashboard that a field can hold. */
export function useVariables(): Choice[] {
  return useMemo(
    () =>
      getTemplateSrv()
        .getVariables()
        .filter(({ type }) => !others.has(type))
        .map(({ name, label }) => ({ value: `$${name}`, label: `$${name}`, description: label ?? undefined })),
    []
  );
}
