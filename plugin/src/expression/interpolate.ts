import type { VariableValues } from '../variables';
import { escaped, literal, literally, quoted, type Quote } from './literals';
import { tokensOf, type Token } from './tokens';

/**
 * What may be a variable of a dashboard, by Grafana's rules, but for formats with quotes in them: these belong to the
 * expression.
 */
const reference =
  /\$\w+|\[\[\w+?(?::(?<bracketed>\w+))?\]\]|\$\{\w+(?:\.[^:^}"'`\\/\n]+)?(?::(?<braced>[^}"'`\\/\n]+))?\}/;
const references = new RegExp(reference, 'g');
/** Escapes go before references: in "\$x" there is none. */
const escapesAndReferences = new RegExp(`\\\\[^]|${reference.source}`, 'g');

export const hasReference = (text: string) => reference.test(text);

/**
 * Puts variables into an expression. What a value says cannot change what the expression means, for it becomes, or is
 * a part of, one literal: a text in quotes remains one text, whatever is in it; after "matches", a value stands for
 * itself; outside quotes, a value becomes a number or a text in quotes, and after "in" a list of texts.
 */
export function interpolate(expression: string, variables: VariableValues): string {
  const tokens = tokensOf(expression);
  return tokens.map((token, i) => withValues(token, before(tokens, i), variables)).join('');
}

/** The code that stands before a token, but for comments. */
function before(tokens: Token[], i: number): string {
  for (let at = i - 1; at >= 0; at--) {
    if (tokens[at].kind !== 'comment' && tokens[at].source.trim() !== '') {
      return tokens[at].kind === 'code' ? tokens[at].source : '';
    }
  }
  return '';
}

const afterMatches = /(^|[^\w$.])matches[\s(]*$/;
const afterIn = /(^|[^\w$.])in[\s(]*$/;

function withValues(token: Token, previous: string, variables: VariableValues): string {
  const inText = (match: string) => valueInText(match, afterMatches.test(previous), variables);
  switch (token.kind) {
    case 'comment':
      return token.source;
    case 'text':
      return token.source.replace(escapesAndReferences, (match) =>
        match.startsWith('\\') ? match : escaped(inText(match), token.source[0] as Quote)
      );
    case 'raw': {
      // Nothing can be escaped in a raw text, so with values in it it becomes one in quotes.
      if (!token.closed || !hasReference(token.source)) {
        return token.source;
      }
      return quoted(token.source.slice(1, -1).replaceAll('``', '`').replace(references, inText));
    }
    case 'code':
      return token.source.replace(references, (match, ...rest) => {
        const at = rest.find((argument) => typeof argument === 'number') as number;
        const head = token.source.slice(0, at);
        const isList = afterIn.test(head.trim() === '' ? previous + head : head);
        return valueInCode(match, isList, head, token.source.slice(at + match.length), variables);
      });
  }
}

/** What a reference within quotes stands for, before it is escaped. */
function valueInText(match: string, isPattern: boolean, variables: VariableValues): string {
  const { values, known, isOwn } = variables.of(match);
  if (!known) {
    return match;
  }
  const groups = reference.exec(match)?.groups;
  if (groups?.braced || groups?.bracketed) {
    return variables.formatted(match);
  }
  if (!isPattern || isOwn) {
    return values.join(',');
  }
  return values.length === 1 ? literally(values[0]) : `(${values.map(literally).join('|')})`;
}

/** What a reference outside quotes becomes. It is kept apart from names and numbers beside it. */
function valueInCode(match: string, isList: boolean, head: string, tail: string, variables: VariableValues): string {
  const { values, known } = variables.of(match);
  if (!known) {
    return match;
  }
  if (isList) {
    return `${/\w$/.test(head) ? ' ' : ''}[${values.map(quoted).join(', ')}]`;
  }
  const text = (values.length ? values : ['']).map(literal).join(', ');
  return `${/[\w$.]$/.test(head) ? ' ' : ''}${text}${/^[\w$.]/.test(tail) ? ' ' : ''}`;
}
