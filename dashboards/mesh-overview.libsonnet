// The mesh at a glance. What is counted is told in each panel's description.
local dashboard = import 'lib/dashboard.libsonnet';
local edges = import 'lib/edges.libsonnet';
local layout = import 'lib/layout.libsonnet';
local links = import 'lib/links.libsonnet';
local panels = import 'lib/panels.libsonnet';
local queries = import 'lib/queries.libsonnet';
local thresholds = import 'lib/thresholds.libsonnet';
local variables = import 'lib/variables.libsonnet';
local workloads = import 'lib/workloads.libsonnet';

local service = 'destination_service_namespace', workload = 'destination_workload_namespace';
local toNamespace(label) = [links.namespace(null, links.serie(label))];
local by(label, expr) = queries.lines(expr, '{{%s}}' % label);

local failed = 'that failed for their callers: HTTP 4xx and 5xx, a gRPC status other than OK, no response';

// Durations grow by the minute (latency.interval).
local minute = '1m';

local requests = panels.stat(
  id=1,
  title='Requests',
  description='HTTP and gRPC requests to services of the selected namespaces, each counted once.',
  query=queries.number(edges.toServices.requests()),
  unit='reqps',
  noValue='No requests',
);

local errorRatio = panels.stat(
  id=2,
  title='Error ratio',
  description='Share of the requests to services of the selected namespaces %s.' % failed,
  query=queries.number(edges.toServices.errorRatio()),
  unit='percentunit',
  noValue='No requests',
  steps=thresholds.errorRatio(),
);

local p95 = panels.stat(
  id=3,
  title='Latency p95',
  description='The time in which 95 % of the requests to services of the selected namespaces were answered.',
  query=queries.number(edges.toServices.latency(0.95), every=minute),
  unit='s',
  noValue='No durations',
);

local mtls = panels.stat(
  id=4,
  title='Mutual TLS',
  description='Share of the requests and connections to workloads of the selected namespaces that came by mutual TLS, as far as it is known.',
  query=queries.number(edges.toWorkloads.mtlsShare()),
  unit='percentunit',
  noValue='Not known',
  steps=thresholds.mtlsOfMesh,
);

local age = panels.stat(
  id=6,
  title='Age of the map',
  description='How long ago the newest traffic was that the exporter has published. Up to a minute is usual.',
  query=queries.number('time() - max(meshscope_refresh_timestamp_seconds)'),
  unit='s',
  noValue='No exporter',
  steps=thresholds.age,
  decimals=0,
);

local failing = panels.stat(
  id=5,
  title='Failing workloads',
  description='Workloads of the selected namespaces whose verdict is Failure: of what they are asked, or of what they ask, more fails than is tolerated, or none of their pods is available. Few requests are not judged.',
  query=queries.number(workloads.failing),
  unit='short',
  noValue='Not judged',
  steps=thresholds.any,
);

local mesh = panels.nodeGraph(
  id=7,
  title='Mesh',
  description='Who calls whom: calls from or to the selected namespaces, over the whole range. Rings tell how the calls to a node ended. Edges are thick by traffic, coloured by errors, and dashed where not all is mutual TLS.',
  query=queries.graph({ level: '$level' }),
);

local traffic = panels.timeSeries(
  id=8,
  title='Requests by namespace',
  description='HTTP and gRPC requests to services of the selected namespaces, for the ten that are called most.',
  targets=[by(service, 'topk(10, %s)' % edges.toServices.requests([service]))],
  unit='reqps',
  noValue='No requests',
  links=toNamespace(service),
);

local errors = panels.timeSeries(
  id=9,
  title='Error ratio by namespace',
  description='Share of the requests to services of the selected namespaces %s. For the ten where it is highest.' % failed,
  targets=[by(service, 'topk(10, %s)' % edges.toServices.errorRatio([service]))],
  unit='percentunit',
  noValue='No requests',
  custom={ axisSoftMax: 0.05 },
  links=toNamespace(service),
);

local latency = panels.timeSeries(
  id=10,
  title='Latency',
  description='The time in which half, 95 % and 99 % of the requests to services of the selected namespaces were answered.',
  targets=[queries.lines(edges.toServices.latency(q), 'p%d' % (100 * q), every=minute) for q in [0.5, 0.95, 0.99]],
  unit='s',
  noValue='No durations',
);

local edge = [
  'source_cluster',
  'source_workload_namespace',
  'source_workload',
  'destination_cluster',
  'destination_service_namespace',
  'destination_service_name',
  'destination_workload',
  'request_protocol',
];
local worst = 'topk(50, %s)' % edges.touching.errors(edge, '$__range');
local ofWorst(vector) = queries.column(vector + '\nand\n' + worst);

local source = [links.cell(label) for label in ['source_cluster', 'source_workload_namespace', 'source_workload']];
local destination = [links.cell(label) for label in ['destination_cluster', 'destination_service_namespace', 'destination_workload']];
local ofEdge = links.edge(source[0], source[1], source[2], destination[0], destination[1], destination[2]);

local table = panels.table(
  id=11,
  title='Worst edges',
  description='The 50 edges from or to the selected namespaces with the most failed requests over the whole range, those with the highest share of them first. The rest are those without any.',
  targets=[
    queries.column(worst + '\n/\n' + edges.touching.requests(edge, '$__range')),
    ofWorst(edges.touching.requests(edge, '$__range')),
    ofWorst(edges.touching.latency(0.95, edge, '$__range')),
    ofWorst(edges.touching.mtlsShare(edge, '$__range')),
  ],
  columns=[
    { field: 'source_cluster', name: 'From cluster', width: 125 },
    { field: 'source_workload_namespace', name: 'From namespace', links: [links.namespace(source[0], source[1])] },
    { field: 'source_workload', name: 'Source', links: [links.workload(source[0], source[1], source[2]), ofEdge] },
    { field: 'destination_cluster', name: 'To cluster', width: 110 },
    { field: 'destination_service_namespace', name: 'To namespace', links: [links.namespace(destination[0], destination[1])] },
    { field: 'destination_service_name', name: 'Service' },
    { field: 'destination_workload', name: 'Destination', links: [links.workload(destination[0], destination[1], destination[2]), ofEdge] },
    { field: 'request_protocol', name: 'Protocol', width: 100 },
    { field: 'A', name: 'Error ratio', width: 100, unit: 'percentunit', thresholds: thresholds.errorRatio('transparent'), cells: 'color-background', links: [ofEdge] },
    { field: 'B', name: 'Requests', width: 110, unit: 'reqps' },
    { field: 'C', name: 'Latency p95', width: 100, unit: 's' },
    { field: 'D', name: 'Mutual TLS', width: 100, unit: 'percentunit', thresholds: thresholds.mtlsOfEdge, cells: 'color-text' },
  ],
  noValue='No requests',
  sortBy='Error ratio',
);

local unwell = panels.table(
  id=14,
  title='Unwell workloads',
  description='Workloads of the selected namespaces that are Degraded or a Failure, and whose fault it is: their own, or that of one on which they depend. The error ratio is the highest that they were judged by, of requests in or out.',
  targets=[
    queries.column(workloads.unwell),
    queries.column(workloads.ofUnwell(workloads.errorRatio)),
    queries.column(workloads.ofUnwell(workloads.dependents)),
    queries.column(workloads.ofUnwell(workloads.replicas('available'))),
    queries.column(workloads.ofUnwell(workloads.replicas('desired'))),
  ],
  columns=[
    { field: 'workload_cluster', name: 'Cluster', width: 110 },
    { field: 'workload_namespace', name: 'Namespace', links: [links.namespace(links.cell('workload_cluster'), links.cell('workload_namespace'))] },
    { field: 'workload_name', name: 'Workload', links: [links.workload(links.cell('workload_cluster'), links.cell('workload_namespace'), links.cell('workload_name'))] },
    { field: 'A', name: 'Health', width: 90, unit: 'short', mappings: thresholds.health, cells: 'color-text', thresholds: thresholds.none },
    { field: 'origin_namespace', name: 'Origin namespace' },
    { field: 'origin_name', name: 'Origin', links: [links.workload(null, links.cell('origin_namespace'), links.cell('origin_name'))] },
    { field: 'B', name: 'Error ratio', width: 95, unit: 'percentunit' },
    { field: 'C', name: 'Dependents', width: 105, unit: 'short' },
    { field: 'D', name: 'Pods ready', width: 95, unit: 'short' },
    { field: 'E', name: 'Pods wanted', width: 105, unit: 'short' },
  ],
  noValue='All are well',
  sortBy='Health',
);

local tcp(way, metric) = queries.lines('topk(10, %s)' % edges.tcp(metric, [workload]), '{{%s}} %s' % [workload, way]);

local throughput = panels.timeSeries(
  id=12,
  title='TCP throughput by namespace',
  description='Bytes of TCP connections to workloads of the selected namespaces: from client to server above zero, back below it. For the ten with the most. What carries calls through waypoints is left out.',
  targets=[
    tcp('request', 'meshscope_edge_tcp_request_bytes_total'),
    tcp('response', 'meshscope_edge_tcp_response_bytes_total'),
  ],
  unit='Bps',
  noValue='No TCP',
  min=null,
  overrides=[
    { matcher: { id: 'byRegexp', options: '/ response$/' }, properties: [{ id: 'custom.transform', value: 'negative-Y' }] },
  ],
  links=toNamespace(workload),
);

local mtlsShare = panels.timeSeries(
  id=13,
  title='Mutual TLS by namespace',
  description='Share of the requests and connections to workloads of the selected namespaces that came by mutual TLS, as far as it is known. For the ten where it is lowest.',
  targets=[by(workload, 'bottomk(10, %s)' % edges.toWorkloads.mtlsShare([workload]))],
  unit='percentunit',
  noValue='Not known',
  custom={ fillOpacity: 0 },
  max=1,
  links=toNamespace(workload),
);

dashboard(
  uid='meshscope-overview',
  title='Meshscope / Overview',
  description='The mesh at a glance: who calls whom, how much, how well and how safely.',
  variables=[variables.prometheus, variables.meshscope, variables.cluster, variables.namespace, variables.level],
  panels=layout.panels([
    layout.even(3, [requests, errorRatio, p95, mtls, failing, age]),
    layout.row(18, [layout.stack(16, [mesh]), layout.stack(8, [traffic, errors, latency])]),
    layout.even(7, [unwell]),
    layout.even(10, [table]),
    layout.even(8, [throughput, mtlsShare]),
  ]),
)
