import type { MeshQuery, QueryType } from './types';

type Field = keyof MeshQuery;

const all: QueryType[] = ['graph', 'nodes', 'edges', 'health', 'traffic', 'changes', 'values'];
const places: QueryType[] = ['graph', 'nodes', 'edges', 'traffic', 'changes'];

/** The types in whose queries a field says something. */
const typesOf = {
  level: [...places, 'health'],
  namespaces: all,
  clusters: all,
  focus: all,
  protocols: all,
  serviceNodes: places,
  idle: [...places, 'values'],
  waypoints: all,
  filter: all,
  highlight: ['graph'],
  nodeStats: ['graph', 'nodes'],
  edgeStats: ['graph', 'edges'],
  colorBy: ['graph'],
  compareOffset: ['graph', 'nodes', 'edges'],
  entity: ['health', 'traffic'],
  stats: ['traffic'],
  of: ['values'],
  limit: all,
  layout: ['graph'],
} satisfies Partial<Record<Field, QueryType[]>>;

export type TypedField = keyof typeof typesOf;

export const typedFields = Object.keys(typesOf) as TypedField[];

/** Tells that a field says something in a query of a type. */
export function says(type: QueryType, field: TypedField): boolean {
  return (typesOf[field] as QueryType[]).includes(type);
}
