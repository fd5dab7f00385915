import { useEffect, useState } from 'react';

import type { MeshDataSource } from '../datasource';
import type { Verdict } from '../expression/language';

/** How long nothing must have been typed. */
const pause = 300;

/** What is wrong with an expression, some time after it was typed. */
export function useCheck(datasource: MeshDataSource, expression: string): string | undefined {
  const [told, setTold] = useState<{ of: string; error?: string }>();

  useEffect(() => {
    if (expression.trim() === '') {
      return;
    }
    let current = true;
    const timer = setTimeout(async () => {
      // Whoever runs the query is told why it cannot be checked.
      const verdict = await datasource.check(expression).catch((): Verdict => ({}));
      if (current) {
        setTold({ of: expression, error: inWords(verdict) });
      }
    }, pause);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [datasource, expression]);

  return told?.of === expression ? told.error : undefined;
}

/** An error with its place, if it does not say that itself. */
function inWords({ error, line, column }: Verdict): string | undefined {
  if (!error || !column || /\bcolumn \d/.test(error)) {
    return error || undefined;
  }
  return `${line && line > 1 ? `line ${line}, ` : ''}column ${column}: ${error}`;
}
