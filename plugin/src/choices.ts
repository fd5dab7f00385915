import type { SelectableValue } from '@grafana/data';

/** A value that a field of a query or a setting may have, as it is offered. */
export type Choice<T extends string = string> = SelectableValue<T> & { value: T; label: string };

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
  { value: 'health', label: 'Health', description: 'The error ratio, until there are health series' },
  { value: 'errorRatio', label: 'Error ratio', description: 'Green to red by the part of calls that failed' },
  {
    value: 'latency',
    label: 'Latency',
    description: 'Green to red by the 95th percentile; makes the store read histograms',
  },
  { value: 'mtls', label: 'Mutual TLS', description: 'By the part of traffic that is mutual TLS' },
  { value: 'namespace', label: 'Namespace', description: 'A color for each namespace' },
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
export const maxStats = 2;

/** What the panel draws. */
export const maxLimit = 200;

/** The label of a value, or the value itself where it is a variable or unknown. */
export function labelOf(choices: Choice[], value: string): string {
  return choices.find((choice) => choice.value === value)?.label ?? value;
}

/** The choices, and with them a value that is none of them, such as a variable, so that it is seen. */
export function offered(choices: Choice[], value: string): Choice[] {
  return choices.some((choice) => choice.value === value) ? choices : [...choices, { value, label: value }];
}
