import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { colorings, levels, maxLimit, protocols, stats } from './choices';
import { backendDefaults, settingDefaults } from './defaults';

const root = join(__dirname, '..', '..');

/** The constants of a type in a file of the backend, in order. */
function constants(file: string, type: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(new RegExp(`\\b${type}\\s*= "(\\w+)"`, 'g'))].map(([, value]) => value);
}

/** A number that a constant in a file of the backend is declared as. */
function number(file: string, name: string): number {
  const text = readFileSync(join(root, file), 'utf8');
  return Number(new RegExp(`\\b${name}\\s*= (\\d+)`).exec(text)?.[1]);
}

const values = (choices: Array<{ value: string }>) => choices.map(({ value }) => value).sort();

describe('what is offered is what the backend takes', () => {
  it.each([
    ['levels', levels, 'exporter/topology/level.go', 'Level'],
    ['protocols', protocols, 'exporter/topology/edge.go', 'Protocol'],
    ['stats', stats, 'plugin/pkg/query/stat.go', 'Stat'],
    ['colorings', colorings, 'plugin/pkg/query/colorby.go', 'ColorBy'],
  ])('%s', (_, choices, file, type) => {
    expect(constants(file, type).sort()).toEqual(values(choices));
  });
});

it('shows the defaults that the backend has', () => {
  expect(backendDefaults.limit).toBe(number('plugin/pkg/query/query.go', 'DefaultLimit'));
  expect(maxLimit).toBe(number('plugin/pkg/query/query.go', 'MaxLimit'));
  expect(settingDefaults.rawMaxRange).toBe(`${number('plugin/pkg/settings/settings.go', 'DefaultRawMaxRange')}h`);
  expect(settingDefaults.maxResponseMegabytes).toBe(
    number('plugin/pkg/settings/settings.go', 'DefaultMaxResponseMegabytes')
  );
});
