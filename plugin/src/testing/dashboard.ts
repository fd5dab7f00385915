import type { ScopedVars } from '@grafana/data';
import type { TemplateSrv } from '@grafana/runtime';

interface Variable {
  /** What is chosen; for "All", the values of all options. */
  value: string | string[];
  /** What the variable shows, where it is not the value. */
  text?: string;
  /** The dashboard's own expression for "All", when that is chosen. */
  allValue?: string;
}

const reference = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}/g;

/** A variable that is on "All". */
export const onAll = (options: string[], allValue?: string): Variable => ({ value: options, text: 'All', allValue });

/**
 * Stands in for the variables of a dashboard, with Grafana's rules: which texts are references, that a format in a
 * reference has precedence, that a value for all goes by all formats but "text", that lists are by default "{a,b}".
 */
export function dashboard(variables: Record<string, Variable>): TemplateSrv {
  const format = ({ value, text, allValue }: Variable, how: unknown): string => {
    const list = Array.isArray(value) ? value : [value];
    if (how === 'text') {
      return text ?? list.join(' + ');
    }
    if (allValue !== undefined) {
      return allValue;
    }
    if (typeof how === 'function') {
      return how(value, {});
    }
    switch (how) {
      case 'regex':
        return `(${list.map((v) => v.replace(/[.*+]/g, '\\$&')).join('|')})`;
      case 'raw':
      case 'csv':
        return list.join(',');
      default:
        return list.length > 1 ? `{${list.join(',')}}` : (list[0] ?? '');
    }
  };

  return {
    replace: (target = '', scope?: ScopedVars, how?: string | Function) =>
      target.replace(reference, (match, plain, bracketed, bracketedFormat, braced, _field, bracedFormat) => {
        const name = plain ?? bracketed ?? braced;
        const variable = scope?.[name] ?? variables[name];
        return variable ? format(variable, bracketedFormat ?? bracedFormat ?? how) : match;
      }),
    getVariables: () => [],
    containsTemplate: (target = '') => target.search(reference) >= 0,
    updateTimeRange: () => {},
  };
}
