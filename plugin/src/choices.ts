import type { SelectableValue } from '@grafana/data';

import type { QueryType } from './types';

/** A value that a field of a query or a setting may have, as it is offered. */
export type Choice<T extends string = string> = SelectableValue<T> & { value: T; label: string };

export const queryTypes: Array<Choice<QueryType>> = [
  { value: 'graph', label: 'Graph', description: 'Nodes and edges, for the Node Graph visualization' },
  { value: 'nodes', label: 'Nodes', description: 'A table of nodes' },
  { value: 'edges', label: 'Edges', description: 'A table of edges' },
  { value: 'health', label: 'Health', description: 'A verdict for each node or edge, for tables and alert rules' },
  { value: 'traffic', label: 'Traffic', description: 'Time series of each node or edge' },
  { value: 'changes', label: 'Changes', description: 'Nodes and edges that came or went, for annotations' },
  { value: 'values', label: 'Values', description: 'Names that there are in the mesh, for variables' },
];

export const levels: Choice[] = [
  { value: 'workload', label: 'Workload', description: 'A node for each workload' },
  { value: 'versionedApp', label: 'Versioned app', description: 'A node for each version of an app' },
  { value: 'app', label: 'App', description: 'A node for each app, with all of its versions' },
  { value: 'service', label: 'Service', description: 'Services as they are called' },
  { value: 'namespace', label: 'Namespace', description: 'A node for each namespace' },
  { value: 'cluster', label: 'Cluster', description: 'A node for each cluster' },
];

export const protocols: Choice[] = [
  { value: 'http', label: 'HTTP' },
  { value: 'grpc', label: 'gRPC' },
  { value: 'tcp', label: 'TCP' },
];

export const colorings: Choice[] = [
  { value: 'outcome', label: 'Outcome', description: 'A ring of how the calls of a node ended' },
  { value: 'health', label: 'Health', description: 'By the verdict; by the error ratio where nobody has judged' },
  { value: 'errorRatio', label: 'Error ratio', description: 'Green to red by the part of calls that failed' },
  {
    value: 'latency',
    label: 'Latency',
    description: 'Green to red by the 95th percentile; makes the store read histograms',
  },
  { value: 'mtls', label: 'Mutual TLS', description: 'By the part of traffic that is mutual TLS' },
  { value: 'namespace', label: 'Namespace', description: 'A color for each namespace' },
  {
    value: 'change',
    label: 'Change',
    description: 'New, gone, slower or failing more than in the range compared with',
  },
];

export const layouts: Choice[] = [
  { value: 'panel', label: 'Panel', description: 'As the visualization says' },
  {
    value: 'layered',
    label: 'Layered',
    description: 'Callers left of what they call, namespaces together, and who stays stays in its place at a refresh',
  },
];

const slow = 'Makes the store read histograms, which takes several times as long as all the rest';

export const stats: Choice[] = [
  { value: 'requestRate', label: 'Request rate', description: 'HTTP and gRPC calls per second' },
  { value: 'errorRatio', label: 'Error ratio', description: 'The part of calls that failed' },
  { value: 'avg', label: 'Mean duration', description: 'Of HTTP and gRPC calls' },
  { value: 'p50', label: 'p50 duration', description: slow },
  { value: 'p95', label: 'p95 duration', description: slow },
  { value: 'p99', label: 'p99 duration', description: slow },
  { value: 'throughput', label: 'Throughput', description: 'Bytes of request and response bodies per second' },
  { value: 'messageRate', label: 'Message rate', description: 'gRPC messages per second, both ways' },
  { value: 'tcpRate', label: 'TCP rate', description: 'Bytes over TCP per second, both ways' },
  { value: 'connectionRate', label: 'Connection rate', description: 'TCP connections opened per second' },
  { value: 'mtls', label: 'Mutual TLS', description: 'The part of traffic that is mutual TLS' },
];

/** What the panel has room for: a main and a secondary stat. */
export const maxGraphStats = 2;

export const entities: Choice[] = [
  { value: 'node', label: 'Nodes', description: 'Of each node of the level' },
  { value: 'edge', label: 'Edges', description: 'Of what each node of the level calls of another' },
];

/** The levels that verdicts are published of. The others are as well as what they consist of. */
const judged: Record<string, string[]> = {
  node: ['workload', 'app', 'service', 'namespace'],
  edge: ['workload'],
};

export const levelsOfHealth = (entity: string): Choice[] =>
  levels.filter(({ value }) => judged[entity]?.includes(value) ?? true);

export const ofs: Choice[] = [
  { value: 'clusters', label: 'Clusters' },
  { value: 'namespaces', label: 'Namespaces' },
  { value: 'workloads', label: 'Workloads' },
  { value: 'apps', label: 'Apps' },
  { value: 'services', label: 'Services' },
];

export const focusKinds: Choice[] = [
  { value: 'workload', label: 'Workload' },
  { value: 'app', label: 'App' },
  { value: 'service', label: 'Service' },
  { value: 'namespace', label: 'Namespace' },
  { value: 'cluster', label: 'Cluster' },
  { value: 'unknown', label: 'Unknown', description: 'Callers and hosts that nothing in the mesh is behind' },
];

export const directions: Choice[] = [
  { value: 'both', label: 'Both' },
  { value: 'in', label: 'In', description: 'Who calls it' },
  { value: 'out', label: 'Out', description: 'What it calls' },
];

/** The greatest depth of a focus. */
export const maxDepth = 100;

/** How much of an answer a query of a type has if it does not say, and may have. */
export const limits: Record<QueryType, { byDefault: number; most: number }> = {
  graph: { byDefault: 150, most: 200 },
  edges: { byDefault: 1_000, most: 10_000 },
  nodes: { byDefault: 1_000, most: 10_000 },
  health: { byDefault: 10_000, most: 10_000 },
  traffic: { byDefault: 50, most: 500 },
  changes: { byDefault: 200, most: 1_000 },
  values: { byDefault: 10_000, most: 10_000 },
};

/** What a query's limit counts. */
export const limited: Record<QueryType, string> = {
  graph: 'nodes',
  edges: 'rows',
  nodes: 'rows',
  health: 'rows',
  traffic: 'series',
  changes: 'changes',
  values: 'values',
};

/** The label of a value, or the value itself where it is a variable or unknown. */
export function labelOf(choices: Choice[], value: string): string {
  return choices.find((choice) => choice.value === value)?.label ?? value;
}

/** The choices, and with them a value that is none of them, such as a variable, so that it is seen. */
export function offered(choices: Choice[], value: string): Choice[] {
  return choices.some((choice) => choice.value === value) ? choices : [...choices, { value, label: value }];
}
