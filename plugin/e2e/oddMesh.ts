/** Names that mean something to a URL, to PromQL, to an expression, to HTML or to Grafana. */
export const oddNames = [
  `a b"c'd`,
  'back\\slash',
  'a&b=c+d#e',
  '50%41',
  '<b>, {a}',
  'with/a/slash',
  'ünï',
  'a*?',
  '[[x]]',
  '${__org}',
  '$__range',
  '..',
];

/** How long the mesh has been there, in seconds. */
export const oddAge = 600;

/** Calls per second of each edge. */
export const rate = 10;

const clusterName = 'east';

/** What calls each of the names, and what each of them calls. */
export const [caller, callee] = ['front', 'back'];

/**
 * The series of a mesh in OpenMetrics, until a time in seconds: workloads of odd names, each in a namespace, an app and
 * with a service of the same name.
 */
export function oddSeries(end: number): string {
  const edges = oddNames.flatMap((name) => [
    [caller, name],
    [name, callee],
  ]);
  const lines = Object.entries(families).flatMap(([name, type]) => [
    `# TYPE ${name} ${type}`,
    ...(name === 'meshscope_workload_info'
      ? [caller, callee, ...oddNames].flatMap((workload) => over(end, name, workloadLabels(workload), () => 1))
      : edges.flatMap(([source, target]) => ofEdge(end, name, edgeLabels(source, target)))),
  ]);
  return [...lines, '# EOF', ''].join('\n');
}

const families = {
  meshscope_edge_requests: 'counter',
  meshscope_edge_request_duration_seconds: 'histogram',
  meshscope_edge_secured: 'counter',
  meshscope_edge_info: 'gauge',
  meshscope_edge_health: 'gauge',
  meshscope_workload_info: 'gauge',
};

type Labels = Record<string, string>;

function ofEdge(end: number, family: string, edge: Labels): string[] {
  const http = { ...edge, request_protocol: 'http' };
  const calls = (age: number) => rate * age;
  switch (family) {
    case 'meshscope_edge_requests':
      return over(end, `${family}_total`, { ...http, response_code: '200', response_flags: '-' }, calls);
    case 'meshscope_edge_request_duration_seconds':
      return [
        ...['0.01', '0.1', '+Inf'].flatMap((le) => over(end, `${family}_bucket`, { ...http, le }, calls)),
        ...over(end, `${family}_count`, http, calls),
        ...over(end, `${family}_sum`, http, (age) => 0.05 * age),
      ];
    case 'meshscope_edge_secured':
      return over(end, `${family}_total`, { ...http, connection_security_policy: 'mutual_tls' }, calls);
    case 'meshscope_edge_info':
      return over(end, family, { ...http, reporter: 'source' }, () => 1);
  }
  return over(end, family, edge, () => 0);
}

function edgeLabels(source: string, target: string): Labels {
  const ends = Object.entries({ source, destination: target }).flatMap(([end, name]) =>
    Object.entries({
      cluster: clusterName,
      workload_namespace: name,
      workload: name,
      canonical_service: name,
      canonical_revision: 'v1',
    }).map(([label, value]) => [`${end}_${label}`, value])
  );
  return {
    ...Object.fromEntries(ends),
    destination_service: `${target}.${target}.svc.cluster.local`,
    destination_service_name: target,
    destination_service_namespace: target,
  };
}

const workloadLabels = (name: string): Labels => ({
  workload_cluster: clusterName,
  workload_namespace: name,
  workload_name: name,
  kind: 'Deployment',
  canonical_service: name,
  canonical_revision: 'v1',
  dataplane: 'sidecar',
});

/** The samples of a series, which depend on how long it has been there. */
function over(end: number, name: string, labels: Labels, value: (age: number) => number): string[] {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
  const lines: string[] = [];
  for (let age = 0; age <= oddAge; age += 15) {
    lines.push(`${name}{${pairs.join(',')}} ${value(age)} ${end - oddAge + age}`);
  }
  return lines;
}

/** The id of a node of the mesh, as graphs have it. */
export function idOf(name: string, kind = 'workload'): string {
  const escaped = encodeURIComponent(name).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const written = escaped.replaceAll('~', '%7E').replaceAll('%', '~');
  return kind === 'workload' ? `workload/${clusterName}/${written}/${written}` : `${kind}/${clusterName}/~/${written}`;
}
