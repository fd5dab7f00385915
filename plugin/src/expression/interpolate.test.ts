import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { dashboard, onAll } from '../testing/dashboard';
import { VariableValues } from '../variables';
import { interpolate } from './interpolate';
import { tokensOf } from './tokens';

type Variables = Parameters<typeof dashboard>[0];

const put = (expression: string, variables: Variables) =>
  interpolate(expression, new VariableValues(dashboard(variables), {}));

/** What the language reads a text in double or single quotes as. */
function decode(text: string): string {
  const body = text.slice(1, -1);
  return JSON.parse(
    `"${body.replace(/\\[^]|"/g, (match) => (match === "\\'" ? "'" : match === '"' ? '\\"' : match))}"`
  );
}

/** Values that have a meaning in one language or another. */
const odd = [
  '"',
  "'",
  '`',
  '\\',
  '\\"',
  '" || true || "',
  "' || true || '",
  '` || true || `',
  '\\" || true || \\"',
  'x" // ',
  '*/ || true /*',
  'a\nb',
  'a\r\nb',
  '\u0000\u0001\u001f\u007f',
  '\u2028\u2029\u0085',
  '\ud800',
  'é😀',
  '$other',
  '${other}',
  '[[other]]',
  "$&$'$`",
  '.*',
  '(a|b)+?',
  '[a-z]{2}^$',
  'a-b',
  '{a,b}',
  'a,b',
  '] || ["',
  ') || (true',
  'in',
  'true',
  'nil',
  'node.root',
  '1; true',
  '0x10',
  '1_000',
  'Infinity',
  'NaN',
  ' ',
  '#',
];

/** Texts of signs that have a meaning, the same at each run. */
function* drawn(count: number): Generator<string> {
  const signs = [
    '"',
    "'",
    '`',
    '\\',
    '\n',
    '/',
    '*',
    '$',
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    '|',
    '&',
    'a',
    'u',
    'x',
    '0',
    '-',
    '.',
    ' ',
    '\u0000',
    'é',
  ];
  let state = 42;
  const next = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let i = 0; i < count; i++) {
    yield Array.from({ length: 1 + next(12) }, () => signs[next(signs.length)]).join('');
  }
}

const values = [...odd, ...drawn(2000)];
const other = { value: 'wrong' };

describe('no value changes what an expression means', () => {
  it.each([`node.name == "$x" && node.root`, `node.name == '$x' && node.root`, 'node.name == `$x` && node.root'])(
    'within quotes: %s',
    (expression) => {
      for (const value of values) {
        const tokens = tokensOf(put(expression, { x: { value }, other }));
        expect(tokens.map(({ kind, closed }) => [kind, closed])).toEqual([
          ['code', true],
          ['text', true],
          ['code', true],
        ]);
        expect(tokens[0].source).toBe('node.name == ');
        expect(decode(tokens[1].source)).toBe(value);
        expect(tokens[2].source).toBe(' && node.root');
      }
    }
  );

  it('outside quotes, where it becomes one literal', () => {
    for (const value of values) {
      const expression = put('node.name == $x && node.root', { x: { value }, other });
      const [, literal] = /^node\.name == ([^]*) && node\.root$/.exec(expression)!;
      if (/^(\d+\.?\d*|\.\d+|\(-\d+\.?\d*\)|\(-\.\d+\))$/.test(literal)) {
        expect(literal.replace(/[()]/g, '')).toBe(value);
      } else {
        expect(tokensOf(literal)).toEqual([{ kind: 'text', source: literal, closed: true }]);
        expect(decode(literal)).toBe(value);
      }
    }
  });

  it('in a list, where it becomes one item', () => {
    for (const value of values) {
      const expression = put('node.namespace in $x && node.root', { x: { value: ['a', value] }, other });
      const [, items] = /^node\.namespace in \[([^]*)\] && node\.root$/.exec(expression)!;
      const tokens = tokensOf(items);
      expect(tokens.map(({ kind }) => kind)).toEqual(['text', 'code', 'text']);
      expect(tokens[1].source).toBe(', ');
      expect(decode(tokens[2].source)).toBe(value);
    }
  });

  it('in a regular expression, where it stands for itself', () => {
    for (const value of values.filter((value) => !value.includes('\ud800'))) {
      const expression = put('node.name matches "^$x$"', { x: { value }, other });
      const pattern = decode(tokensOf(expression)[1].source);
      expect(new RegExp(pattern).test(value)).toBe(true);
      expect(new RegExp(pattern).test(`${value}!`)).toBe(false);
      expect(new RegExp(pattern).test('anything')).toBe(false);
    }
  });

  it('in a comment, where it is not put at all', () => {
    for (const expression of ['node.root /* $x */ || node.idle', 'node.root // "$x"\n|| node.idle']) {
      expect(put(expression, { x: { value: '*/ || true' } })).toBe(expression);
    }
  });

  it('whose reference has quotes in it: these belong to the expression', () => {
    const expression = 'node.name == "${x:"}';
    expect(put(expression, { x: { value: 'a' } })).toBe(expression);
  });
});

it('gives what the backend reads: a test of the backend has the same file', () => {
  const file = join(__dirname, 'testdata', 'interpolated.jsonl');
  const templates = ['node.name == "$x"', "node.name == '$x'", 'node.name == `$x`', 'node.name in $x'];
  const given = values
    .slice(0, 200)
    .filter((value) => value !== '\ud800')
    .map((value) => ({ value, expressions: templates.map((template) => put(template, { x: { value }, other })) }));
  const text = given.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  if (process.env.UPDATE) {
    writeFileSync(file, text);
  }
  expect(readFileSync(file, 'utf8')).toBe(text);
});

describe('what users mean', () => {
  const ns = { value: ['shop', 'pay'] };
  it.each<[string, Variables, string]>([
    ['node.namespace in $ns', { ns }, 'node.namespace in ["shop", "pay"]'],
    ['node.namespace not in ${ns}', { ns }, 'node.namespace not in ["shop", "pay"]'],
    ['node.namespace in $ns', { ns: { value: 'shop' } }, 'node.namespace in ["shop"]'],
    ['node.namespace in $ns', { ns: { value: [] } }, 'node.namespace in []'],
    ['node.namespace in ($ns)', { ns }, 'node.namespace in (["shop", "pay"])'],
    ['node.namespace in /* those */ $ns', { ns }, 'node.namespace in /* those */ ["shop", "pay"]'],
    ['node.namespace in [$ns, "x"]', { ns }, 'node.namespace in ["shop", "pay", "x"]'],
    ['node.namespace in $ns', { ns: onAll(['shop', 'pay']) }, 'node.namespace in ["shop", "pay"]'],
    ['node.version in $v', { v: { value: ['1', '2'] } }, 'node.version in ["1", "2"]'],
    ['node.name == "$name"', { name: { value: 'cart' } }, 'node.name == "cart"'],
    ['node.name == $name', { name: { value: 'cart' } }, 'node.name == "cart"'],
    ['node.name == "${env}-$name"', { env: { value: 'eu' }, name: { value: 'cart' } }, 'node.name == "eu-cart"'],
    ['edge.p95 > $t', { t: { value: '0.5' } }, 'edge.p95 > 0.5'],
    ['edge.p95 > 1 -$t', { t: { value: '-1' } }, 'edge.p95 > 1 -(-1)'],
    ['edge.p95 > 1e$t', { t: { value: '5' } }, 'edge.p95 > 1e 5'],
    ['edge.p$t > 1', { t: { value: '95' } }, 'edge.p 95 > 1'],
    ['node.labels["$label"] == "x"', { label: { value: 'app/"part"' } }, 'node.labels["app/\\"part\\""] == "x"'],
    ['node.namespace matches "^$ns$"', { ns }, 'node.namespace matches "^(shop|pay)$"'],
    ['node.namespace matches ("^$ns$")', { ns: { value: 'a.b' } }, 'node.namespace matches ("^a\\\\.b$")'],
    ['node.namespace matches `^$ns\\d`', { ns: { value: 'a.b' } }, 'node.namespace matches "^a\\\\.b\\\\d"'],
    ['node.namespace matches "$ns"', { ns: onAll(['a.b', 'c']) }, 'node.namespace matches "(a\\\\.b|c)"'],
    ['node.namespace matches "$ns"', { ns: onAll(['a', 'b'], '.*') }, 'node.namespace matches ".*"'],
    ['node.name matches "${search:raw}"', { search: { value: 'cart.*"' } }, 'node.name matches "cart.*\\""'],
    ['node.name == "${ns:csv}"', { ns }, 'node.name == "shop,pay"'],
    ['node.name == "\\$ns"', { ns }, 'node.name == "\\$ns"'],
    ['node.name == "$missing" || $missing', {}, 'node.name == "$missing" || $missing'],
    ['node.name matches "^cart-v[0-9]+$"', { ns }, 'node.name matches "^cart-v[0-9]+$"'],
    ['node.name == "never ends $ns', { ns: { value: '"' } }, 'node.name == "never ends \\"'],
    ['node.name == `no variable`', {}, 'node.name == `no variable`'],
  ])('%s', (expression, variables, want) => {
    expect(put(expression, variables)).toBe(want);
  });
});
