import type { MeshLink } from './types';

/** A link that is likely wanted, to begin with. */
export interface Proposal {
  value: string;
  label: string;
  description: string;
  link: MeshLink;
}

const workloads = ['workload'];

/** Proposals, with addresses and UIDs to be changed. */
export const proposals: Proposal[] = [
  {
    value: 'url',
    label: 'URL',
    description: 'Any page',
    link: { title: 'Page', on: 'node', url: 'https://example.com/${namespace}/${name}' },
  },
  {
    value: 'query',
    label: 'Query in Explore',
    description: 'Any data source',
    link: {
      title: 'Query',
      on: 'node',
      internal: { datasourceUid: 'prometheus', query: { expr: 'up{namespace="${namespace}"}' } },
    },
  },
  {
    value: 'dashboard',
    label: 'Dashboard of a workload',
    description: 'In this Grafana',
    link: {
      title: 'Dashboards/Workload',
      on: 'node',
      kinds: workloads,
      url: '/d/meshscope-workload?var-cluster=${cluster}&var-namespace=${namespace}&var-workload=${workload}&${__url_time_range}',
    },
  },
  {
    value: 'kiali',
    label: 'Kiali',
    description: 'Its page of a workload',
    link: {
      title: 'Kiali/Workload',
      on: 'node',
      kinds: workloads,
      url: 'https://kiali.example.com/kiali/console/namespaces/${namespace}/workloads/${workload}?duration=${__range_s}',
    },
  },
  {
    value: 'tempo',
    label: 'Traces in Tempo',
    description: 'Of an app, by TraceQL',
    link: {
      title: 'Traces/Tempo',
      on: 'node',
      internal: {
        datasourceUid: 'tempo',
        query: { queryType: 'traceql', query: '{resource.service.name="${app}.${namespace}"}' },
      },
    },
  },
  {
    value: 'jaeger',
    label: 'Traces in Jaeger',
    description: 'Of an app, as Istio names it',
    link: {
      title: 'Traces/Jaeger',
      on: 'node',
      internal: { datasourceUid: 'jaeger', query: { queryType: 'search', service: '${app}.${namespace}' } },
    },
  },
  {
    value: 'zipkin',
    label: 'Traces in Zipkin',
    description: 'In its own pages',
    link: {
      title: 'Traces/Zipkin',
      on: 'node',
      url: 'https://zipkin.example.com/zipkin/?serviceName=${app}.${namespace}&endTs=${__to}',
    },
  },
  {
    value: 'loki',
    label: 'Logs in Loki',
    description: 'Of the pods of a workload',
    link: {
      title: 'Logs/Loki',
      on: 'node',
      kinds: workloads,
      internal: {
        datasourceUid: 'loki',
        query: { expr: '{namespace="${namespace}", pod=~"${workload:regex}-.*"}', queryType: 'range' },
      },
    },
  },
];

/** A query as it was typed, or what is wrong with it. */
export function readQuery(text: string): { query?: object; error?: string } {
  try {
    const query: unknown = JSON.parse(text);
    if (typeof query === 'object' && query !== null && !Array.isArray(query)) {
      return { query };
    }
  } catch {
    // Said below.
  }
  return { error: 'A query is a JSON object, as the data source stores it: {"expr": "…"}' };
}
