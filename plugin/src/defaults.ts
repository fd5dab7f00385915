import type { MeshQuery } from './types';

/**
 * A new query. It holds what a reader of the dashboard's JSON should see, and leaves the rest to the backend, whose
 * defaults may then become better.
 */
export const newQuery = {
  schemaVersion: 1,
  queryType: 'graph',
  level: 'workload',
} satisfies Partial<MeshQuery>;

/** What the backend takes for what a query does not say; the editor shows it. */
export const backendDefaults = {
  level: 'workload',
  nodeStats: ['requestRate', 'errorRatio'],
  edgeStats: ['requestRate', 'errorRatio'],
  colorBy: 'outcome',
  limit: 150,
} satisfies Partial<MeshQuery>;

/** What the backend takes for settings that are not set. */
export const settingDefaults = {
  seriesSource: 'auto',
  rawMaxRange: '6h',
  httpMethod: 'POST',
  maxResponseMegabytes: 512,
} as const;

/** Tells a query that says nothing, as Explore has them in links and after a change of data source. */
export function isBare(query: MeshQuery): boolean {
  const ofGrafana = new Set(['refId', 'key', 'datasource', 'hide']);
  return Object.entries(query).every(([name, value]) => ofGrafana.has(name) || value === undefined);
}
