// One namespace: how well it is, who calls it and whom it calls.
local dashboard = import 'lib/dashboard.libsonnet';
local edges = import 'lib/edges.libsonnet';
local edgeTable = import 'lib/edgetable.libsonnet';
local layout = import 'lib/layout.libsonnet';
local links = import 'lib/links.libsonnet';
local panels = import 'lib/panels.libsonnet';
local queries = import 'lib/queries.libsonnet';
local thresholds = import 'lib/thresholds.libsonnet';
local variables = import 'lib/variables.libsonnet';
local workloads = import 'lib/workloads.libsonnet';

local its = edges.border, requested = edges.toServices, reached = edges.toWorkloads;
local failed = 'that failed for their callers: HTTP 4xx and 5xx, a gRPC status other than OK, no response';
local minute = '1m';  // durations grow by the minute

local verdict = panels.stat(
  id=1,
  title='Health',
  description='The worst verdict on what is in the namespace, as the exporter has judged it.',
  query=queries.number(workloads.verdict),
  unit='short',
  noValue='Not judged',
  mappings=thresholds.health,
);

local failing = panels.stat(
  id=2,
  title='Failing',
  description='Workloads of the namespace whose verdict is Failure.',
  query=queries.number(workloads.failing),
  unit='short',
  noValue='Not judged',
  steps=thresholds.any,
);

local requests = panels.stat(
  id=3,
  title='Requests',
  description='HTTP and gRPC requests to services of the namespace, each counted once.',
  query=queries.number(requested.requests()),
  unit='reqps',
  noValue='No requests',
);

local errorRatio = panels.stat(
  id=4,
  title='Error ratio',
  description='Share of the requests to services of the namespace %s.' % failed,
  query=queries.number(requested.errorRatio()),
  unit='percentunit',
  noValue='No requests',
  steps=thresholds.errorRatio(),
);

local p95 = panels.stat(
  id=5,
  title='p95',
  description='The time in which 95 % of the requests to services of the namespace were answered.',
  query=queries.number(requested.latency(0.95), every=minute),
  unit='s',
  noValue='No durations',
);

local mtls = panels.stat(
  id=6,
  title='Mutual TLS',
  description='Share of the requests and connections to workloads of the namespace that came by mutual TLS, as far as it is known.',
  query=queries.number(reached.mtlsShare()),
  unit='percentunit',
  noValue='Not known',
  steps=thresholds.mtlsOfMesh,
);

local graph = panels.nodeGraph(
  id=7,
  title='Workloads of $namespace, and their neighbours',
  description='Who calls whom, from and to the namespace, over the whole range. Rings tell how the calls to a node ended; what fails is filled with red.',
  query=queries.graph({ level: 'workload' }),
);

local traffic = panels.timeSeries(
  id=8,
  title='Requests',
  description='HTTP and gRPC requests to services of the namespace from others, within it, and from it to services of others.',
  targets=[
    queries.lines(its.fromOthers.requests(), 'in'),
    queries.lines(its.within.requests(), 'within'),
    queries.lines(its.toOthers.requests(), 'out'),
  ],
  unit='reqps',
  noValue='No requests',
);

local errors = panels.timeSeries(
  id=9,
  title='Error ratio',
  description='Share of the requests from others, within the namespace, and to others, %s.' % failed,
  targets=[
    queries.lines(its.fromOthers.errorRatio(), 'in'),
    queries.lines(its.within.errorRatio(), 'within'),
    queries.lines(its.toOthers.errorRatio(), 'out'),
  ],
  unit='percentunit',
  noValue='No requests',
  custom={ axisSoftMax: 0.05 },
);

local workload = links.workload(links.cell('cluster'), links.cell('namespace'), links.cell('name'));

local members = panels.list(
  id=10,
  title='Workloads',
  description='All workloads of the namespace, the worst first: why they are judged so, whose fault it is, and what calls in and out of them do over the whole range.',
  targets=[
    queries.nodes({ level: 'workload', nodeStats: ['requestRate', 'errorRatio', 'p95', 'mtls'], limit: 500 }),
    queries.column(workloads.origins),
  ],
  columns=[
    { field: 'Cluster', name: 'Cluster', width: 95 },
    { field: 'Namespace', name: 'Namespace', width: 130 },
    { field: 'Name', name: 'Workload', links: [workload] },
    { field: 'Health', name: 'Health', width: 85, cells: 'color-text' },
    { field: 'Cause', name: 'Cause' },
    { field: 'origin', name: 'Fault of', width: 150, links: [links.workload(null, links.cell('namespace'), links.cell('origin'))] },
    { field: 'Pods', name: 'Pods', width: 125 },
    { field: 'Request rate in', name: 'Requests in', width: 110 },
    { field: 'Error ratio in', name: 'Errors in', width: 80, cells: 'color-background', thresholds: thresholds.errorRatio('transparent') },
    { field: 'Latency p95 in', name: 'p95 in', width: 75 },
    { field: 'Error ratio out', name: 'Errors out', width: 85, cells: 'color-background', thresholds: thresholds.errorRatio('transparent') },
  ],
  noValue='No workloads',
);

local border = edgeTable(
  id=11,
  title='Callers and callees',
  description='Calls and connections from other namespaces, and to others and outside of the mesh, the worst first, over the whole range.',
  options={ filter: std.join(' || ', ['!(%s.namespace matches "^(${namespace:regex})$")' % end for end in ['source', 'target']]) },
  noValue='Nothing goes in or out',
);

local latency = panels.timeSeries(
  id=13,
  title='Latency p95 by workload',
  description='The time in which 95 % of the requests to a workload of the namespace were answered, for the ten that are slowest.',
  targets=[queries.lines('topk(10, %s)' % requested.latency(0.95, ['destination_cluster', 'destination_workload_namespace', 'destination_workload']), '{{destination_workload}}', every=minute)],
  unit='s',
  noValue='No durations',
  links=[links.workload(links.serie('destination_cluster'), links.serie('destination_workload_namespace'), links.serie('destination_workload'))],
);

local throughput = panels.timeSeries(
  id=12,
  title='Throughput',
  description='Bytes of bodies of HTTP and gRPC and of TCP connections, to workloads of the namespace, and of these to others: from client to server above zero, back below it.',
  targets=[
    queries.lines(of[1].throughput(way), '%s, %s' % [of[0], way])
    for of in [['in', reached], ['out', its.reachingOthers]]
    for way in ['request', 'response']
  ],
  unit='Bps',
  noValue='No bytes',
  min=null,
  overrides=panels.below('/response$/'),
);

local mtlsShare = panels.timeSeries(
  id=15,
  title='Mutual TLS',
  description='Share of the requests and connections to workloads of the namespace, and of its workloads to others, that came by mutual TLS, as far as it is known.',
  targets=[
    queries.lines(reached.mtlsShare(), 'in'),
    queries.lines(its.reachingOthers.mtlsShare(), 'out'),
  ],
  unit='percentunit',
  noValue='Not known',
  custom={ fillOpacity: 0 },
  max=1,
);

dashboard(
  uid='meshscope-namespace',
  title='Meshscope / Namespace',
  description='One namespace: how well it is, who calls it and whom it calls.',
  variables=[variables.prometheus, variables.meshscope, variables.cluster, variables.namespace { current: {} }],
  panels=layout.panels([
    layout.even(3, [verdict, failing, requests, errorRatio, p95, mtls]),
    layout.row(18, [layout.stack(17, [graph]), layout.stack(7, [traffic, errors, latency])]),
    layout.even(9, [members]),
    layout.even(6, [border]),
    layout.even(7, [throughput, mtlsShare]),
  ]),
)
