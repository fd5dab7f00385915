import { CoreApp } from '@grafana/data';

import { levelsOfHealth, limits, maxGraphStats, queryTypes } from './choices';
import type { MeshQuery, QueryType } from './types';

/** Alert rules evaluate numbers, which queries of these types have. */
export const alertTypes: QueryType[] = ['health', 'traffic'];

export const isAlerting = (app: CoreApp | string | undefined) =>
  app === CoreApp.UnifiedAlerting || app === CoreApp.CloudAlerting;

/**
 * A new query. It holds what a reader of the dashboard's JSON should see, and leaves the rest to the backend, whose
 * defaults may then become better.
 */
export const newQuery = {
  schemaVersion: 1,
  queryType: 'graph',
  level: 'workload',
} satisfies Partial<MeshQuery>;

/** A new query of an alert rule. */
export const newAlertQuery = { ...newQuery, queryType: 'health', entity: 'node' } satisfies Partial<MeshQuery>;

/** A new query of annotations. */
export const newAnnotationQuery = { ...newQuery, queryType: 'changes' } satisfies Partial<MeshQuery>;

/** A new query of a variable. */
export const newVariableQuery = {
  schemaVersion: 1,
  queryType: 'values',
  of: 'namespaces',
} satisfies Partial<MeshQuery>;

/** What the backend takes for what a query does not say; the editor shows it. */
export const backendDefaults = {
  queryType: 'graph',
  level: 'workload',
  nodeStats: ['requestRate', 'errorRatio'],
  edgeStats: ['requestRate', 'errorRatio'],
  colorBy: 'outcome',
  stats: ['requestRate'],
  of: 'namespaces',
  layout: 'panel',
} satisfies Partial<MeshQuery>;

/** The entity of a query that does not name one. */
export const entityOf = (query: MeshQuery) => query.entity || (typeOf(query) === 'traffic' ? 'edge' : 'node');

/** What the backend takes for what a focus does not say. */
export const focusDefaults = { kind: '', depth: 1, direction: 'both' };

/** What the backend takes for settings that are not set. */
export const settingDefaults = {
  seriesSource: 'auto',
  rawMaxRange: '6h',
  httpMethod: 'POST',
  timeInterval: '15s',
  maxResponseMegabytes: 512,
} as const;

/** The type of a query. What is no type, the backend refuses by its name. */
export function typeOf(query: MeshQuery): QueryType {
  return (query.queryType || backendDefaults.queryType) as QueryType;
}

/** Tells a query that says nothing, as Explore has them in links and after a change of data source. */
export function isBare(query: MeshQuery): boolean {
  const ofGrafana = new Set(['refId', 'key', 'datasource', 'hide']);
  return Object.entries(query).every(([name, value]) => ofGrafana.has(name) || value === undefined);
}

const isVariable = (text: string) => /[$[]/.test(text);

/**
 * The query, without what its type does not allow and another one does: the editor never makes a query that is refused
 * because its type was changed.
 */
export function fitting(query: MeshQuery): MeshQuery {
  const type = typeOf(query);
  const fit = { ...query };
  if (!queryTypes.some(({ value }) => value === type)) {
    return fit;
  }
  if (fit.limit && fit.limit > limits[type].most) {
    delete fit.limit;
  }
  if (type === 'graph') {
    for (const stats of ['nodeStats', 'edgeStats'] as const) {
      fit[stats] = fit[stats]?.slice(0, maxGraphStats);
      if (!fit[stats]) {
        delete fit[stats];
      }
    }
  }
  if (type === 'health' && fit.level && !isVariable(fit.level)) {
    const allowed = levelsOfHealth(entityOf(fit));
    if (!allowed.some(({ value }) => value === fit.level)) {
      fit.level = backendDefaults.level;
    }
  }
  return fit;
}
