import type { CoreApp, DataSourceInstanceSettings, ScopedVars } from '@grafana/data';
import { DataSourceWithBackend, getTemplateSrv, type TemplateSrv } from '@grafana/runtime';

import { isBare, newQuery } from './defaults';
import { describe } from './describe';
import type { MeshOptions, MeshQuery } from './types';
import { VariableLists } from './variables';

/** Queries go to the backend; what is done here takes knowing the dashboard. */
export class MeshDataSource extends DataSourceWithBackend<MeshQuery, MeshOptions> {
  constructor(
    settings: DataSourceInstanceSettings<MeshOptions>,
    private readonly templates: TemplateSrv = getTemplateSrv()
  ) {
    super(settings);
  }

  /** A new panel draws at once. */
  getDefaultQuery(_app: CoreApp): Partial<MeshQuery> {
    return newQuery;
  }

  /** Any query can be run but those that the user has hidden: one that is not allowed should tell why. */
  filterQuery(query: MeshQuery): boolean {
    return !query.hide;
  }

  /**
   * Puts in what variables are set to. Explore opens with queries made so, for it knows no variables; and it runs none
   * that says nothing.
   */
  applyTemplateVariables(stored: MeshQuery, scope: ScopedVars): MeshQuery {
    const query = isBare(stored) ? { ...newQuery, ...stored } : stored;
    const lists = new VariableLists(this.templates, scope);
    const one = (text: string | undefined) => text && this.templates.replace(text, scope, 'raw');
    const some = (list: string[] | undefined) => list && lists.expand(list);
    return {
      ...query,
      level: one(query.level),
      namespaces: some(query.namespaces),
      clusters: some(query.clusters),
      protocols: some(query.protocols),
      nodeStats: some(query.nodeStats),
      edgeStats: some(query.edgeStats),
      colorBy: one(query.colorBy),
    };
  }

  getQueryDisplayText(query: MeshQuery): string {
    return describe(query);
  }
}
