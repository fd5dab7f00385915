import type { ScopedVars } from '@grafana/data';
import type { TemplateSrv } from '@grafana/runtime';

const allText = 'All';

/** References that ask for a format, which is for languages that a value is put into; a list has no such language. */
const formatted = /\$\{(\w+(?:\.[^:}]+)?):[^}]+\}|\[\[(\w+):\w+\]\]/g;

/** Stands for the nth reference of a text while its values are collected. Nobody can type it. */
const mark = (n: number) => `\u0000${n}\u0000`;
const marks = /\u0000(\d+)\u0000/;

/** What a text stands for once variables are put in. */
interface Values {
  /** One, but for variables with several. */
  values: string[];
  isAll: boolean;
  /** Tells that there is a variable in it which has a value. */
  known: boolean;
  /** Tells that the value is the dashboard's own expression for "All", and no option of the variable. */
  isOwn: boolean;
}

/**
 * Puts variables into names and lists of names. Values are collected and never joined to a text in between, so that
 * commas, quotes and braces in them mean nothing.
 */
export class VariableValues {
  constructor(
    private readonly templates: TemplateSrv,
    private readonly scope: ScopedVars
  ) {}

  /** The list with each value of a variable as an item. A variable that is on "All" makes it the empty list, which is all. */
  list(list: string[]): string[] {
    const expanded = new Set<string>();
    for (const item of list) {
      const { values, isAll } = this.of(item);
      if (isAll) {
        return [];
      }
      values.filter((value) => value !== '').forEach((value) => expanded.add(value));
    }
    return [...expanded];
  }

  /** One name. It is empty, which is any, where a variable is on "All". */
  one(text: string): string {
    const { values, isAll } = this.of(text);
    return isAll ? '' : values.join(',');
  }

  /** What a text stands for. */
  of(item: string): Values {
    const text = item.replace(formatted, (_, braced, bracketed) => `\${${braced ?? bracketed}}`);
    const found: string[][] = [];
    const marked = this.templates.replace(text, this.scope, (value: unknown) => {
      found.push((Array.isArray(value) ? value : [value]).map(String));
      return mark(found.length - 1);
    });
    return {
      values: product(marked.split(marks), found),
      isAll: this.isAll(text, marked, found),
      known: marked !== text,
      isOwn: marked !== text && found.length === 0,
    };
  }

  /** A text with variables in the formats that their references ask for. */
  formatted(text: string): string {
    return this.templates.replace(text, this.scope);
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
