import {
  colorings,
  entities,
  labelOf,
  layouts,
  levels,
  limited,
  limits,
  ofs,
  protocols,
  queryTypes,
  stats,
} from './choices';
import { backendDefaults, entityOf, focusDefaults, typeOf } from './defaults';
import { says } from './fields';
import type { Focus, MeshQuery } from './types';

/** A query in words, as Explore's history lists it. */
export function describe(query: MeshQuery): string {
  const type = typeOf(query);
  const has = (field: Parameters<typeof says>[1]) => says(type, field);
  const parts = [subjectOf(query)];
  const add = (what: string, names: string[] | undefined) => {
    if (names?.length) {
      parts.push(`${what} ${names.join(', ')}`);
    }
  };
  add('clusters', query.clusters);
  add('namespaces', query.namespaces);
  add(
    'protocols',
    query.protocols?.map((protocol) => labelOf(protocols, protocol))
  );
  add('around', query.focus && inWords(query.focus));
  add('where', query.filter ? [query.filter] : []);
  add('marking', has('highlight') && query.highlight ? [query.highlight] : []);
  if (has('colorBy') && query.colorBy && query.colorBy !== backendDefaults.colorBy) {
    add('colored by', [labelOf(colorings, query.colorBy)]);
  }
  add('compared with', has('compareOffset') && query.compareOffset ? [`${query.compareOffset} before`] : []);
  const shown = (['idle', 'waypoints', 'serviceNodes'] as const).filter((field) => has(field) && query[field]);
  const names = { idle: 'idle edges', waypoints: 'waypoints', serviceNodes: 'service nodes' };
  add(
    'with',
    shown.map((field) => names[field])
  );
  if (has('layout') && query.layout && query.layout !== backendDefaults.layout) {
    add('placed', [labelOf(layouts, query.layout).toLowerCase()]);
  }
  if (query.limit && limits[type] && query.limit !== limits[type].byDefault) {
    add('at most', [`${query.limit} ${limited[type]}`]);
  }
  return parts.join(', ');
}

/** What is asked for, without what narrows it. */
function subjectOf(query: MeshQuery): string {
  const type = typeOf(query);
  const level = labelOf(levels, query.level || backendDefaults.level).toLowerCase();
  const entity = labelOf(entities, entityOf(query)).toLowerCase();
  switch (type) {
    case 'health':
      return `Health of ${entity} by ${level}`;
    case 'traffic': {
      const shown = query.stats?.length ? query.stats : backendDefaults.stats;
      return `${shown.map((stat) => labelOf(stats, stat)).join(', ')} of ${entity} by ${level}`;
    }
    case 'values':
      return `Names of ${labelOf(ofs, query.of || backendDefaults.of).toLowerCase()}`;
    default:
      return `${labelOf(queryTypes, type)} by ${level}`;
  }
}

function inWords(focus: Focus): string[] {
  const { kind, cluster, namespace, name, version, depth, direction } = focus;
  const place = [cluster, namespace, name, version].filter(Boolean).join('/');
  if (!place) {
    return [];
  }
  const ways = direction && direction !== focusDefaults.direction ? ` ${direction}` : '';
  return [`${kind ? `${kind} ` : ''}${place} to depth ${depth || focusDefaults.depth}${ways}`];
}
