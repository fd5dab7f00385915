import type { DataSourceJsonData } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';

/**
 * A query as dashboards store it. What is absent has the backend's default; all strings may be or hold variables of a
 * dashboard.
 */
export interface MeshQuery extends DataQuery {
  schemaVersion?: number;
  level?: string;
  /** Exact names or globs; an empty list is all. */
  namespaces?: string[];
  clusters?: string[];
  /** Empty is all. */
  protocols?: string[];
  /** Shows edges without traffic in the range. */
  idle?: boolean;
  /** Shows the hops through waypoints instead of the calls alone. */
  waypoints?: boolean;
  /** One or two; empty is the default. */
  nodeStats?: string[];
  edgeStats?: string[];
  colorBy?: string;
  /** The greatest number of nodes. */
  limit?: number;
}

export type SeriesSource = 'auto' | 'derived' | 'raw';

/** The settings beyond Grafana's own. */
export interface MeshOptions extends DataSourceJsonData {
  httpMethod?: string;
  customQueryParameters?: string;
  seriesSource?: SeriesSource;
  /** A duration such as 6h. */
  rawMaxRange?: string;
  maxResponseMegabytes?: number;
}

/** The secrets are Grafana's own: passwords, certificates, values of headers. */
export type MeshSecrets = Record<string, string>;
