import { colorings, labelOf, levels, protocols } from './choices';
import { backendDefaults } from './defaults';
import type { MeshQuery } from './types';

/** A query in words, as Explore's history lists it. */
export function describe(query: MeshQuery): string {
  const level = labelOf(levels, query.level ?? backendDefaults.level).toLowerCase();
  const parts = [`Graph by ${level}`];
  const narrowed = (what: string, names: string[] | undefined) => {
    if (names?.length) {
      parts.push(`${what} ${names.join(', ')}`);
    }
  };
  narrowed('namespaces', query.namespaces);
  narrowed('clusters', query.clusters);
  narrowed(
    'protocols',
    query.protocols?.map((protocol) => labelOf(protocols, protocol))
  );
  if (query.colorBy && query.colorBy !== backendDefaults.colorBy) {
    parts.push(`colored by ${labelOf(colorings, query.colorBy)}`);
  }
  return parts.join(', ');
}
