import { newVariableQuery } from './defaults';
import type { MeshQuery } from './types';

/** The query of a variable. That of a new one, or of one that had another data source, may be a text or nothing. */
export function variableQuery(stored: unknown): MeshQuery {
  const query = typeof stored === 'object' ? (stored as Partial<MeshQuery> | null) : undefined;
  return { ...newVariableQuery, ...query, refId: query?.refId || 'values', queryType: 'values' };
}
