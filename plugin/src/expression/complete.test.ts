import { complete } from './complete';
import type { Language } from './language';

const language: Language = {
  fields: [
    { name: 'errorRatio', of: ['edge'], type: 'number', doc: 'the part that failed' },
    { name: 'p95', of: ['edge'], type: 'number', doc: '' },
    { name: 'codes', of: ['edge'], type: 'list', doc: '' },
    { name: 'health', of: ['node', 'edge'], type: 'number', doc: 'the verdict' },
    { name: 'name', of: ['node'], type: 'text', doc: '' },
    { name: 'namespace', of: ['node'], type: 'text', doc: '' },
    { name: 'root', of: ['node'], type: 'boolean', doc: '' },
    { name: 'labels', of: ['node'], type: 'labels', doc: '' },
  ],
  functions: [{ name: 'known', doc: 'there is a value' }],
  operators: [{ name: '!=', doc: 'Not equal.' }],
};
const variables = [{ value: '$namespace', label: '$namespace' }];

/** What is offered where the text has a bar, and what becomes of the text with the first of it. */
function at(marked: string) {
  const caret = marked.indexOf('¦');
  const text = marked.replace('¦', '');
  const { from, to, items } = complete(text, caret, language, variables);
  return {
    labels: items.map(({ label }) => label),
    first: items.length ? text.slice(0, from) + items[0].text + text.slice(to) : undefined,
    items,
  };
}

const operands = ['node', 'edge', 'source', 'target', 'known', 'not', 'true', 'false'];

it.each<[string, string[]]>([
  ['¦', operands],
  ['node.root && ¦', operands],
  ['!(¦', operands],
  ['no¦', ['node', 'not', 'known']],
  ['edge.¦', ['errorRatio', 'p95', 'codes', 'health']],
  ['edge.er¦', ['errorRatio']],
  ['node.NAME¦', ['name', 'namespace']],
  ['source.h¦', ['health']],
  ['target.space¦', ['namespace']],
  ['mode.¦', []],
  ['node.root¦', []],
  ['edge.p95 ¦', ['<', '<=', '>', '>=', '==', '!=', '+', '-', '*', '/']],
  ['node.name ¦', ['==', '!=', 'in', 'contains', 'startsWith', 'endsWith', 'matches', 'not in']],
  ['node.name start¦', ['startsWith']],
  ['edge.p95 >¦', ['>', '>=']],
  ['edge.p95 > ¦', operands],
  ['node.root ¦', ['&&', '||']],
  ['edge.codes ¦', []],
  ['node.name == "a" ¦', ['&&', '||', '<', '<=', '>', '>=', '==', '!=']],
  ['edge.p95 > 0.5 ¦', ['&&', '||', '<', '<=', '>', '>=', '==', '!=']],
  ['known(edge.p95) ¦', ['&&', '||', '<', '<=', '>', '>=', '==', '!=']],
  ['node.name == "ed¦', []],
  ['node.name == "ed¦ge"', []],
  ['/* ed¦ */', []],
  ['// $name¦', []],
  ['node.namespace in $¦', ['$namespace']],
  ['node.namespace == "$na¦"', ['$namespace']],
])('offers what fits at %s', (marked, want) => {
  expect(at(marked).labels).toEqual(want);
});

it.each([
  ['n¦', 'node.'],
  ['node.na¦', 'node.name'],
  ['edge.er¦Ratio > 1', 'edge.errorRatio > 1'],
  ['node.lab¦', 'node.labels["'],
  ['kn¦', 'known('],
  ['node.name i¦', 'node.name in ['],
  ['node.name == "$n¦"', 'node.name == "$namespace"'],
])('puts in what was chosen: %s', (marked, want) => {
  expect(at(marked).first).toBe(want);
});

it('tells what a field is', () => {
  expect(at('edge.er¦').items[0].doc).toBe('number: the part that failed');
  expect(at('edge.p95 !¦').items).toEqual([{ label: '!=', text: '!= ', doc: 'Not equal.' }]);
});
