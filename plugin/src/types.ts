import type { DataSourceJsonData } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';

export type QueryType = 'graph' | 'nodes' | 'edges' | 'health' | 'traffic' | 'changes' | 'values';

/** What a view is about. Names are exact names or globs, and empty or absent for any. */
export interface Focus {
  /** What the name is the name of; empty is any of a node's names. */
  kind?: string;
  cluster?: string;
  namespace?: string;
  name?: string;
  version?: string;
  /** How many calls away a node may be. */
  depth?: number;
  direction?: string;
}

/**
 * A query as dashboards store it. What is absent has the backend's default; all strings may be or hold variables of a
 * dashboard. Fields that say nothing in a query of its type are stored all the same: who tries the types in an editor
 * finds them again.
 */
export interface MeshQuery extends DataQuery {
  schemaVersion?: number;
  level?: string;
  /** Exact names or globs; an empty list is all. */
  namespaces?: string[];
  clusters?: string[];
  focus?: Focus;
  /** Empty is all. */
  protocols?: string[];
  /** Shows the services that were called between callers and what they reached. */
  serviceNodes?: boolean;
  /** Shows edges without traffic in the range. */
  idle?: boolean;
  /** Shows the hops through waypoints instead of the calls alone. */
  waypoints?: boolean;
  /** An expression that chooses nodes and edges, and one that marks them. */
  filter?: string;
  highlight?: string;
  /** Of graphs one or two; empty is the default. */
  nodeStats?: string[];
  edgeStats?: string[];
  colorBy?: string;
  /** How long before the range is the one that it is compared with, a duration such as 1h; empty is none. */
  compareOffset?: string;
  /** What verdicts and traffic are of: node or edge. */
  entity?: string;
  /** What traffic is shown as. */
  stats?: string[];
  /** What the values of a variable are the names of. */
  of?: string;
  /** The greatest number of nodes, rows, series, annotations or values. */
  limit?: number;
  /** Who places the nodes of a graph: panel or layered. */
  layout?: string;
}

export type SeriesSource = 'auto' | 'derived' | 'raw';

/** The settings beyond Grafana's own. */
export interface MeshOptions extends DataSourceJsonData {
  httpMethod?: string;
  customQueryParameters?: string;
  /** How often the store scrapes, a duration such as 15s. */
  timeInterval?: string;
  seriesSource?: SeriesSource;
  /** A duration such as 6h. */
  rawMaxRange?: string;
  maxResponseMegabytes?: number;
  /** Sends X-Grafana-Id, which is another for each user. */
  forwardGrafanaId?: boolean;
  /** The UID of Grafana's own data source of the store, for links to PromQL. */
  prometheusUid?: string;
  links?: MeshLink[];
}

/** A link of a node or an edge, to a URL or to a query in Explore, with ${names} in both. */
export interface MeshLink {
  title: string;
  on: 'node' | 'edge';
  /** Of the node, or of the one that an edge ends in; empty is all. */
  kinds?: string[];
  url?: string;
  internal?: { datasourceUid: string; query: object };
}

/** The secrets are Grafana's own: passwords, certificates, values of headers. */
export type MeshSecrets = Record<string, string>;
