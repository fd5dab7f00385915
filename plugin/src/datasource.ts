import type { CoreApp, DataSourceInstanceSettings, ScopedVars, TimeRange } from '@grafana/data';
import { DataSourceWithBackend, getTemplateSrv, type TemplateSrv } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';

import { annotationSupport } from './annotations';
import { isAlerting, isBare, newAlertQuery, newQuery, settingDefaults } from './defaults';
import { describe } from './describe';
import { hasReference, interpolate } from './expression/interpolate';
import type { Language, Verdict } from './expression/language';
import { messageOf } from './message';
import type { Focus, MeshOptions, MeshQuery } from './types';
import { namesOf, valuesRequest, type Names, type ValuesQuestion } from './values';
import { MeshVariableSupport } from './variableSupport';
import { VariableValues } from './variables';

/** Errors are shown where the answer would be. */
const quiet = { showErrorAlert: false };

/** Queries go to the backend; what is done here takes knowing the dashboard. */
export class MeshDataSource extends DataSourceWithBackend<MeshQuery, MeshOptions> {
  private known?: Promise<Language>;

  constructor(
    settings: DataSourceInstanceSettings<MeshOptions>,
    private readonly templates: TemplateSrv = getTemplateSrv()
  ) {
    super(settings);
    // Panels have no steps that are shorter.
    this.interval = settings.jsonData.timeInterval || settingDefaults.timeInterval;
    this.annotations = annotationSupport;
    this.variables = new MeshVariableSupport(this);
  }

  /** A new panel draws at once; a new alert rule has something to evaluate. */
  getDefaultQuery(app: CoreApp): Partial<MeshQuery> {
    return isAlerting(app) ? newAlertQuery : newQuery;
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
    const variables = new VariableValues(this.templates, scope);
    const one = (text: string | undefined) => text && this.templates.replace(text, scope, 'raw');
    const some = (list: string[] | undefined) => list && variables.list(list);
    const expression = (text: string | undefined) => text && interpolate(text, variables);
    return {
      ...query,
      level: one(query.level),
      namespaces: some(query.namespaces),
      clusters: some(query.clusters),
      focus: query.focus && focused(query.focus, variables),
      protocols: some(query.protocols),
      filter: expression(query.filter),
      highlight: expression(query.highlight),
      nodeStats: some(query.nodeStats),
      edgeStats: some(query.edgeStats),
      colorBy: one(query.colorBy),
      compareOffset: one(query.compareOffset),
      layout: one(query.layout),
      entity: one(query.entity),
      stats: some(query.stats),
      of: one(query.of),
    };
  }

  getQueryDisplayText(query: MeshQuery): string {
    return describe(query);
  }

  /** Names that there are in the mesh within a range, by the query that variables have too. */
  async names(question: ValuesQuestion, range: TimeRange): Promise<Names> {
    // A request that fails as a whole has but the older of the two.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const { data, error, errors } = await lastValueFrom(this.query(valuesRequest(question, range)));
    const failed = errors?.[0] ?? error;
    if (failed) {
      throw new Error(messageOf(failed));
    }
    return namesOf(data);
  }

  /** What expressions can be made of. It is asked for once. */
  language(): Promise<Language> {
    this.known ??= this.getResource<Language>('fields', undefined, quiet).catch((reason) => {
      this.known = undefined;
      throw reason;
    });
    return this.known;
  }

  /** What is wrong with an expression, or nothing where variables that have no value here leave that open. */
  async check(expression: string): Promise<Verdict> {
    const complete = interpolate(expression, new VariableValues(this.templates, {}));
    if (this.isOpen(complete)) {
      return {};
    }
    const verdict = await this.postResource<Verdict>('check-filter', { expression: complete }, quiet);
    // Its place is told for the text that was typed.
    return complete === expression ? verdict : { error: verdict.error };
  }

  /** Tells that there are variables in a text that have no value, such as those of a row that repeats. */
  private isOpen(text: string): boolean {
    return hasReference(text) && this.templates.containsTemplate(text);
  }
}

/** A focus with variables put in. Where all of its names are any, there is none. */
function focused(focus: Focus, variables: VariableValues): Focus | undefined {
  const one = (text: string | undefined) => text && variables.one(text);
  const { cluster, namespace, name } = focus;
  const within = { cluster: one(cluster), namespace: one(namespace), name: one(name) };
  const named = [cluster, namespace, name].some(Boolean);
  if (named && !within.cluster && !within.namespace && !within.name) {
    return undefined;
  }
  return {
    ...focus,
    ...within,
    kind: one(focus.kind),
    version: one(focus.version),
    direction: one(focus.direction),
  };
}
