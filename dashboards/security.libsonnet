// Mutual TLS and what is not: who calls in plain text, and who calls as whom.
local dashboard = import 'lib/dashboard.libsonnet';
local layout = import 'lib/layout.libsonnet';
local links = import 'lib/links.libsonnet';
local panels = import 'lib/panels.libsonnet';
local queries = import 'lib/queries.libsonnet';
local security = import 'lib/security.libsonnet';
local thresholds = import 'lib/thresholds.libsonnet';
local variables = import 'lib/variables.libsonnet';

local namespace = 'destination_workload_namespace';
local place = ['destination_cluster', namespace];
local counted = 'Calls and connections to workloads of the selected namespaces';

local mtls = panels.stat(
  id=1,
  title='Mutual TLS',
  description='Share of the calls and connections to workloads of the selected namespaces that came by mutual TLS, as far as it is known.',
  query=queries.number(security.mutualShare()),
  unit='percentunit',
  noValue='Not known',
  steps=thresholds.mtlsOfMesh,
);

local plaintext = panels.stat(
  id=2,
  title='Plain text',
  description=counted + ' that came in plain text, per second.',
  query=queries.number(security.plaintext()),
  unit='cps',
  noValue='No traffic',
);

local edges = panels.stat(
  id=3,
  title='On edges',
  description='On how many of the edges from or to the selected namespaces there was any plain text, over the whole range. They are listed below.',
  query=queries.number(security.plaintextEdges),
  unit='short',
  noValue='Not known',
);

local unknown = panels.stat(
  id=4,
  title='Unknown',
  description='Share of the calls and connections to workloads of the selected namespaces of which no proxy tells how they came.',
  query=queries.number(security.unknownShare()),
  unit='percentunit',
  noValue='No traffic',
);

local anonymous = panels.stat(
  id=5,
  title='Anonymous',
  description='Share of the calls and connections to workloads of the selected namespaces whose caller shows no principal.',
  query=queries.number(security.anonymousShare()),
  unit='percentunit',
  noValue='No traffic',
);

local outside = panels.stat(
  id=6,
  title='Outside',
  description='Workloads of the selected namespaces that are no part of the mesh: neither a sidecar nor ztunnel speaks for them.',
  query=queries.number(security.outside),
  unit='short',
  noValue='Not known',
);

local mesh = panels.nodeGraph(
  id=7,
  title='Mesh by mutual TLS',
  description='Who calls whom, over the whole range. Nodes and edges have the colour of how much of their traffic is mutual TLS; edges where not all of it is are dashed.',
  query=queries.graph({ level: '$level', colorBy: 'mtls', edgeStats: ['requestRate', 'mtls'], nodeStats: ['mtls', 'requestRate'] }),
);

local share = panels.timeSeries(
  id=8,
  title='Mutual TLS by namespace',
  description='Share of the calls and connections to workloads of the selected namespaces that came by mutual TLS, as far as it is known. For the ten where it is lowest.',
  targets=[queries.lines('bottomk(10, %s)' % security.mutualShare([namespace]), '{{%s}}' % namespace)],
  unit='percentunit',
  noValue='Not known',
  custom={ fillOpacity: 0 },
  max=1,
);

local plaintextOf = panels.timeSeries(
  id=9,
  title='Plain text by namespace',
  description=counted + ' that came in plain text, per second. For the ten that have the most.',
  targets=[queries.lines('topk(10, %s)' % security.plaintext([namespace]), '{{%s}}' % namespace)],
  unit='cps',
  noValue='No traffic',
  custom={ axisSoftMax: 1 },
);

local color(name, value) = {
  matcher: { id: 'byName', options: name },
  properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: value } }],
};

local kinds = panels.timeSeries(
  id=10,
  title='How it came',
  description=counted + ', per second: by mutual TLS, in plain text, and those of which nobody tells.',
  targets=[
    queries.lines(security.mutual(), 'mutual TLS'),
    queries.lines(security.plaintext(), 'plain text'),
    queries.lines(security.unknown(), 'not known'),
  ],
  unit='cps',
  noValue='No traffic',
  custom={ stacking: { mode: 'normal', group: 'A' }, fillOpacity: 30, lineWidth: 0 },
  overrides=[color('mutual TLS', 'blue'), color('plain text', 'orange'), color('not known', 'gray')],
);

local namespaces = panels.table(
  id=11,
  title='Namespaces now',
  description='How the calls and connections to workloads of each namespace come now. The share is of those of which it is known.',
  targets=[
    queries.column(security.mutualShare(place)),
    queries.column(security.mutual(place)),
    queries.column(security.plaintext(place)),
    queries.column(security.unknown(place)),
  ],
  columns=[
    { field: 'destination_cluster', name: 'Cluster', width: 105 },
    { field: namespace, name: 'Namespace', links: [links.namespace(links.cell('destination_cluster'), links.cell(namespace))] },
    { field: 'A', name: 'Mutual TLS', width: 95, unit: 'percentunit', thresholds: thresholds.mtlsOfEdge, cells: 'color-text' },
    { field: 'B', name: 'Mutual TLS/s', width: 110, unit: 'cps' },
    { field: 'C', name: 'Plain text/s', width: 105, unit: 'cps' },
    { field: 'D', name: 'Not known/s', width: 105, unit: 'cps' },
  ],
  noValue='No traffic',
  sortBy='Plain text/s',
);

local toEdge = links.edge(
  links.cell('source_cluster'),
  links.cell('source_workload_namespace'),
  links.cell('source_workload'),
  links.cell('destination_cluster'),
  links.cell('destination_workload_namespace'),
  links.cell('destination_workload'),
);

local plaintextEdges = panels.table(
  id=12,
  title='Plain text by edge',
  description='The 100 edges from or to the selected namespaces with the most plain text over the whole range. The share is of those calls or connections of which it is known how they came. First seen is the edge, whatever it was then.',
  targets=[queries.column(security.worst), queries.column(security.worstShare), queries.column(security.worstSince)],
  columns=[
    { field: 'source_cluster', name: 'From cluster', width: 115 },
    { field: 'source_workload_namespace', name: 'From namespace' },
    { field: 'source_workload', name: 'Source', links: [toEdge] },
    { field: 'destination_cluster', name: 'To cluster', width: 105 },
    { field: 'destination_workload_namespace', name: 'To namespace' },
    { field: 'destination_service_name', name: 'Service' },
    { field: 'destination_workload', name: 'Destination', links: [toEdge] },
    { field: 'request_protocol', name: 'Protocol', width: 90 },
    { field: 'A', name: 'Plain text', width: 100, unit: 'cps' },
    { field: 'B', name: 'Share', width: 75, unit: 'percentunit' },
    { field: 'C', name: 'First seen', width: 130, unit: 'dateTimeFromNow' },
  ],
  noValue='No plain text',
  sortBy='Plain text',
);

local anybody = [{ type: 'value', options: { unknown: { text: 'not known', color: 'orange', index: 0 } } }];

local principals = panels.table(
  id=13,
  title='Principals',
  description='Who calls whom as whom, over the whole range, for the 100 that call most: principals as AuthorizationPolicies have them. Not known is a caller that shows none, as in plain text, or of which no proxy tells.',
  targets=[queries.column(security.busiest), queries.column(security.busiestShare)],
  columns=[
    { field: 'source_principal', name: 'Source principal', width: 500, mappings: anybody, thresholds: thresholds.none, cells: 'color-text' },
    { field: 'source_workload_namespace', name: 'From namespace' },
    { field: 'source_workload', name: 'Source' },
    { field: 'destination_workload_namespace', name: 'To namespace' },
    { field: 'destination_workload', name: 'Destination' },
    { field: 'A', name: 'Rate', width: 90, unit: 'cps' },
    { field: 'B', name: 'Mutual TLS', width: 100, unit: 'percentunit', thresholds: thresholds.mtlsOfEdge, cells: 'color-text' },
  ],
  noValue='No traffic',
  sortBy='Rate',
);

local verdicts = [{
  type: 'value',
  options: {
    '0': { text: 'as it should be', color: 'text', index: 0 },
    '1': { text: 'not as it should be', color: 'red', index: 1 },
    '2': { text: 'found by validation', color: 'orange', index: 2 },
  },
}];

local policies = panels.table(
  id=14,
  title='Policies',
  description="What the mesh's controllers say of PeerAuthentications, AuthorizationPolicies and RequestAuthentications of the selected namespaces: conditions, and codes of validation. Objects of which they say nothing are not listed.",
  targets=[queries.column(security.policies)],
  columns=[
    { field: 'object_cluster', name: 'Cluster', width: 130 },
    { field: 'object_namespace', name: 'Namespace' },
    { field: 'object_kind', name: 'Kind' },
    { field: 'object_name', name: 'Name' },
    { field: 'condition', name: 'Condition' },
    { field: 'A', name: 'Is', width: 180, unit: 'short', mappings: verdicts, thresholds: thresholds.none, cells: 'color-text' },
  ],
  noValue='No controller says anything of a policy',
  sortBy='Is',
);

dashboard(
  uid='meshscope-security',
  title='Meshscope / Security',
  description='How safely the mesh talks: mutual TLS and plain text, and who calls as whom.',
  variables=[variables.prometheus, variables.meshscope, variables.cluster, variables.namespace, variables.level],
  panels=layout.panels([
    layout.even(3, [mtls, plaintext, edges, unknown, anonymous, outside]),
    layout.row(16, [layout.stack(14, [mesh]), layout.stack(10, [share, plaintextOf])]),
    layout.even(8, [namespaces, kinds]),
    layout.even(9, [plaintextEdges]),
    layout.even(10, [principals]),
    layout.even(6, [policies]),
  ]),
)
