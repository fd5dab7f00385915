import { newQuery } from './defaults';
import type { MeshQuery } from './types';

export interface Example {
  title: string;
  about: string;
  query: Partial<MeshQuery>;
}

const of = (title: string, about: string, query: Partial<MeshQuery>): Example => ({
  title,
  about,
  query: { ...newQuery, ...query },
});

/** Queries to begin with. All work in a mesh that nothing is known of. */
export const examples: Example[] = [
  of('The mesh by namespace', 'Who calls whom, from far away. Show it with Node Graph.', { level: 'namespace' }),
  of('What fails', 'The calls of which more than 1 % end in an error, with their ends.', {
    filter: 'edge.errorRatio > 0.01',
  }),
  of('Not mutual TLS', 'Nodes by the part of their traffic that is mutual TLS, and the edges that lack it.', {
    colorBy: 'mtls',
    filter: 'edge.mutualTLSShare < 0.999',
  }),
  of('Slow calls, marked', 'Edges whose 95th percentile is above half a second.', {
    edgeStats: ['requestRate', 'p95'],
    highlight: 'edge.p95 > 0.5',
  }),
  of('What has changed since yesterday', 'What is new, gone, slower or failing more than a day before.', {
    compareOffset: '1d',
  }),
  of('The busiest edges', 'A table of what calls what, by protocol and rate.', { queryType: 'edges', limit: 20 }),
  of('Workloads and their health', 'A verdict for each workload, for a table, a stat panel or an alert rule.', {
    queryType: 'health',
    entity: 'node',
  }),
  of('Errors over time', 'The error ratio of each service as a time series.', {
    queryType: 'traffic',
    entity: 'node',
    level: 'service',
    stats: ['errorRatio'],
  }),
  of('What came and went', 'Edges and nodes that are new or gone, as annotations.', { queryType: 'changes' }),
];
