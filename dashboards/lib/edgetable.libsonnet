// A table of edges: a row for each pair of nodes and protocol, the worst first.
local links = import 'links.libsonnet';
local panels = import 'panels.libsonnet';
local queries = import 'queries.libsonnet';
local thresholds = import 'thresholds.libsonnet';

local end(of) = [links.cell(of + '_' + part) for part in ['cluster', 'namespace', 'name']];
local source = end('source'), target = end('target');
local toEdge = [links.edge(source[0], source[1], source[2], target[0], target[1], target[2])];
local toNamespace(end) = [links.namespace(end[0], end[1])];
local toWorkload(end) = [links.workload(end[0], end[1], end[2])];

local columns = [
  { field: 'Source cluster', name: 'From cluster', width: 100 },
  { field: 'Source namespace', name: 'From namespace', links: toNamespace(source) },
  { field: 'Source name', name: 'Source', links: toWorkload(source) + toEdge },
  { field: 'Target cluster', name: 'To cluster', width: 95 },
  { field: 'Target namespace', name: 'To namespace', links: toNamespace(target) },
  { field: 'Target name', name: 'Destination', links: toWorkload(target) + toEdge },
  { field: 'Protocol', name: 'Protocol', width: 75 },
  { field: 'Health', name: 'Health', width: 85, cells: 'color-text', links: toEdge },
  { field: 'Request rate', name: 'Requests', width: 105, links: toEdge },
  { field: 'Error ratio', name: 'Errors', width: 70, cells: 'color-background', thresholds: thresholds.errorRatio('transparent'), links: toEdge },
  { field: 'Latency p95', name: 'p95', width: 80, links: toEdge },
  { field: 'TCP rate', name: 'TCP', width: 90, links: toEdge },
  { field: 'mTLS', name: 'mTLS', width: 65, cells: 'color-text', thresholds: thresholds.mtlsOfEdge, links: toEdge },
];

function(id, title, description, options, noValue)
  panels.list(
    id,
    title,
    description,
    targets=[queries.edges({ level: 'workload', edgeStats: ['requestRate', 'errorRatio', 'p95', 'tcpRate', 'mtls'], limit: 500 } + options)],
    columns=columns,
    noValue=noValue,
  )
