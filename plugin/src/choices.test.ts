import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  colorings,
  directions,
  entities,
  focusKinds,
  levels,
  levelsOfHealth,
  limits,
  maxDepth,
  maxGraphStats,
  ofs,
  protocols,
  queryTypes,
  stats,
} from './choices';
import { settingDefaults } from './defaults';
import { says, typedFields } from './fields';
import type { QueryType } from './types';

const read = (file: string) => readFileSync(join(__dirname, '..', '..', file), 'utf8');

/** The constants of a type in a file of the backend, in order. */
function constants(file: string, type: string): string[] {
  return [...read(file).matchAll(new RegExp(`\\b${type}\\w*\\s*(?:${type})?\\s*= "(\\w+)"`, 'g'))].map(([, v]) => v);
}

/** A number that a constant in a file of the backend is declared as. */
function number(file: string, name: string): number {
  return Number(new RegExp(`\\b${name}\\s*= (\\d+)`).exec(read(file))?.[1]);
}

const values = (choices: Array<{ value: string }>) => choices.map(({ value }) => value).sort();
const types = queryTypes.map(({ value }) => value);

describe('what is offered is what the backend takes', () => {
  it.each([
    ['types', queryTypes, 'plugin/pkg/query/type.go', 'Type'],
    ['entities', entities, 'plugin/pkg/query/type.go', 'Entity'],
    ['names', ofs, 'plugin/pkg/query/type.go', 'Of'],
  ])('%s', (_, choices, file, type) => {
    expect(constants(file, type).sort()).toEqual(values(choices));
  });

  it.each([
    ['levels', levels, 'exporter/topology/level.go', 'Level'],
    ['protocols', protocols, 'exporter/topology/edge.go', 'Protocol'],
    ['stats', stats, 'plugin/pkg/query/stat.go', 'Stat'],
    ['colorings', colorings, 'plugin/pkg/query/colorby.go', 'ColorBy'],
    ['directions', directions, 'exporter/topology/focus.go', 'Direction'],
  ])('%s', (_, choices, file, type) => {
    const declared = [...read(file).matchAll(new RegExp(`\\b${type}\\s*= "(\\w+)"`, 'g'))].map(([, value]) => value);
    expect(declared.sort()).toEqual(values(choices));
  });

  it('kinds of a focus', () => {
    const [, list] = /focusKinds = \[\]topology\.Kind\{([^}]*)\}/.exec(read('plugin/pkg/query/part.go'))!;
    const kinds = [...list.matchAll(/topology\.Kind(\w+)/g)].map(([, kind]) => kind.toLowerCase());
    expect(kinds.sort()).toEqual(values(focusKinds));
  });

  it('limits', () => {
    const table = [...read('plugin/pkg/query/limit.go').matchAll(/Type(\w+):\s*\{([\d_]+), ([\d_]+)\}/g)];
    const count = (digits: string) => Number(digits.replaceAll('_', ''));
    const declared = table.map(([, type, byDefault, most]) => [
      type.toLowerCase(),
      { byDefault: count(byDefault), most: count(most) },
    ]);
    expect(Object.fromEntries(declared)).toEqual(limits);
    expect(number('plugin/pkg/query/query.go', 'maxStats') || number('plugin/pkg/query/stat.go', 'maxStats')).toBe(
      maxGraphStats
    );
    expect(number('plugin/pkg/query/part.go', 'maxDepth')).toBe(maxDepth);
  });

  it('fields of each type', () => {
    const parse = read('plugin/pkg/query/parse.go');
    const sets = new Map<string, QueryType[]>([['nil', types]]);
    const typesIn = (text: string) =>
      [...text.matchAll(/\bType([A-Z]\w+)/g)].map(([, type]) => type.toLowerCase() as QueryType);
    for (const [, name, of] of parse.matchAll(/\b(of\w+)\s*= (.*)$/gm)) {
      const [, base] = /slices\.Clone\((\w+)\)/.exec(of) ?? [];
      sets.set(name, [...(sets.get(base) ?? []), ...typesIn(of)]);
    }
    const declared = new Map<string, QueryType[]>();
    for (const [, name, of] of parse.matchAll(/^\t\{"(\w+)", (nil|\w+|\[\]Type\{[^}]*\}),/gm)) {
      declared.set(name, sets.get(of) ?? typesIn(of));
    }
    for (const field of typedFields) {
      const shown = types.filter((type) => says(type, field));
      expect([field, [...(declared.get(field) ?? [])].sort()]).toEqual([field, [...shown].sort()]);
    }
  });

  it('levels that verdicts are published of', () => {
    const refused = /allowed are (workload[^"]*)"/.exec(read('plugin/pkg/query/parse.go'))?.[1].split(', ');
    expect(values(levelsOfHealth('node'))).toEqual(refused?.sort());
    expect(values(levelsOfHealth('edge'))).toEqual(['workload']);
    expect(levelsOfHealth('$entity')).toEqual(levels);
  });
});

it('shows the defaults that the backend has', () => {
  expect(settingDefaults.rawMaxRange).toBe(`${number('plugin/pkg/settings/settings.go', 'DefaultRawMaxRange')}h`);
  expect(settingDefaults.timeInterval).toBe(`${number('plugin/pkg/settings/settings.go', 'DefaultScrapeInterval')}s`);
  expect(settingDefaults.maxResponseMegabytes).toBe(
    number('plugin/pkg/settings/settings.go', 'DefaultMaxResponseMegabytes')
  );
});
