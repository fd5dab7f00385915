import type { ScopedVars } from '@grafana/data';
import type { TemplateSrv } from '@grafana/runtime';

const allText = 'All';

/** References that ask for a format, which is for languages that a value is put into; a list has no such language. */
const formatted = /\$\{(\w+(?:\.[^:}]+)?):[^}]+\}|\[\[(\w+):\w+\]\]/g;

/** Stands for the nth reference of a text while its values are collected. Nobody can type it. */
const mark = (n: number) => `\u0000${n}\u0000`;
const marks = /\u0000(\d+)\u0000/;

/**
 * Expands the variables in lists of names. Values are collected and never joined to a text in between, so that commas,
 * quotes and braces in them mean nothing.
 */
export class VariableLists {
  constructor(
    private readonly templates: TemplateSrv,
    private readonly scope: ScopedVars
  ) {}

  /** The list with each value of a variable as an item. A variable that is on "All" makes it the empty list, which is all. */
  expand(list: string[]): string[] {
    const expanded = new Set<string>();
    for (const item of list) {
      const values = this.valuesOf(item);
      if (values === allText) {
        return [];
      }
      values.filter((value) => value !== '').forEach((value) => expanded.add(value));
    }
    return [...expanded];
  }

  /** The values of an item: one, but for variables with several. */
  private valuesOf(item: string): string[] | typeof allText {
    const text = item.replace(formatted, (_, braced, bracketed) => `\${${braced ?? bracketed}}`);
    const found: string[][] = [];
    const marked = this.templates.replace(text, this.scope, (value: unknown) => {
      found.push((Array.isArray(value) ? value : [value]).map(String));
      return mark(found.length - 1);
    });
    if (this.isAll(text, marked, found)) {
      return allText;
    }
    return product(marked.split(marks), found);
  }

  /**
   * Tells that a text is one variable, and this is on "All". Its values do not tell: they are those of all options, or
   * an expression that the dashboard has for all, such as ".*" for PromQL. What it shows does.
   */
  private isAll(text: string, marked: string, found: string[][]): boolean {
    if (text === marked || this.templates.replace(text, this.scope, 'text') !== allText) {
      return false;
    }
    const named = found.length === 1 && found[0].length === 1 && found[0][0] === allText;
    return !named;
  }
}

/** All texts that come of a text in parts, where each second part is the number of a list of values. */
function product(parts: string[], found: string[][]): string[] {
  return parts.reduce<string[]>(
    (texts, part, i) => {
      const choices = i % 2 === 0 ? [part] : found[Number(part)];
      return texts.flatMap((text) => choices.map((choice) => text + choice));
    },
    ['']
  );
}
