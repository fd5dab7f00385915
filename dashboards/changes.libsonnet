// What is not what it was: what came and went, and what fails, takes longer or runs otherwise than before.
local changes = import 'lib/changes.libsonnet';
local dashboard = import 'lib/dashboard.libsonnet';
local layout = import 'lib/layout.libsonnet';
local links = import 'lib/links.libsonnet';
local panels = import 'lib/panels.libsonnet';
local queries = import 'lib/queries.libsonnet';
local thresholds = import 'lib/thresholds.libsonnet';
local variables = import 'lib/variables.libsonnet';

local before = {
  type: 'custom',
  name: 'before',
  label: 'Compared with',
  query: '15m before : 15m, an hour before : 1h, 6 hours before : 6h, a day before : 1d, a week before : 7d',
  current: { text: 'an hour before', value: '1h' },
};

local least = 'an edge goes when the exporter lets go of it, after limits.idle_ttl without traffic';

// The changes of the range, as a table or as annotations.
local whatChanged = queries.graph({ queryType: 'changes', level: '$level', limit: 1000 });

local count(id, title, entity, change) = panels.stat(
  id=id,
  title=title,
  description='How many %s of the selected namespaces %s within the range, at most 1,000 changes: as in the list below; %s.' % [entity + 's', if change == 'added' then 'came' else 'went', least],
  query=whatChanged,
  unit='short',
  noValue='Not known',
) {
  transformations: [{
    id: 'filterByValue',
    options: {
      type: 'include',
      match: 'all',
      filters: [{ fieldName: 'tags', config: { id: 'regex', options: { value: '^%s,%s(,|$)' % [change, entity] } } }],
    },
  }],
  options+: { reduceOptions: { calcs: ['count'], fields: '/^id$/', values: false } },
};

local edgesNew = count(1, 'New edges', 'edge', 'added');
local edgesGone = count(2, 'Gone edges', 'edge', 'removed');
local nodesNew = count(3, 'New nodes', 'node', 'added');
local nodesGone = count(4, 'Gone nodes', 'node', 'removed');

local mesh = panels.nodeGraph(
  id=5,
  title='Compared with ${before:text}',
  description='The range that is shown, compared with the one of the same length so long before: what fails more, is slower, is new, or is gone.',
  query=queries.graph({ level: '$level', compareOffset: '$before', colorBy: 'change' }),
);

local color(name, value) = {
  matcher: { id: 'byName', options: name },
  properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: value } }],
};

local sizes = panels.timeSeries(
  id=6,
  title='Edges and workloads',
  description='How many edges from and to the selected namespaces are published, and how many workloads of these are known.',
  targets=[queries.lines(changes.edges, 'edges'), queries.lines(changes.workloads, 'workloads')],
  unit='short',
  noValue='No exporter',
  custom={ fillOpacity: 0, lineInterpolation: 'stepAfter' },
);

local verdicts = panels.timeSeries(
  id=7,
  title='Workloads that are not well',
  description='How many workloads of the selected namespaces have which verdict.',
  targets=[
    queries.lines(changes.judged(3), 'failure'),
    queries.lines(changes.judged(2), 'degraded'),
    queries.lines(changes.judged(1), 'not ready'),
  ],
  unit='short',
  noValue='Not judged',
  custom={ stacking: { mode: 'normal', group: 'A' }, fillOpacity: 30, lineInterpolation: 'stepAfter', axisSoftMax: 5 },
  overrides=[color('failure', 'red'), color('degraded', 'orange'), color('not ready', 'gray')],
);

local courses = panels.timeline(
  id=8,
  title='Health of workloads that changed',
  description='The verdicts on workloads of the selected namespaces whose verdict was another within the range, for the 20 where it changed most often. Above them is the worst of all verdicts.',
  targets=[queries.lines(changes.worst, 'the worst of all'), queries.lines(changes.health, '{{workload_namespace}} / {{workload_name}}')],
  noValue='Not judged',
  mappings=thresholds.verdicts,
);

local pods = panels.timeSeries(
  id=9,
  title='Available pods where they changed',
  description='Available pods of the workloads of the selected namespaces whose wanted or available pods were another number within the range, for the ten where it changed most often.',
  targets=[queries.lines(changes.replicas, '{{workload_namespace}} / {{workload_name}}')],
  unit='short',
  noValue='No number of pods has changed',
  custom={ fillOpacity: 0, lineInterpolation: 'stepAfter' },
);

local list = panels.list(
  id=10,
  title='What came and went',
  description='Nodes and edges of the selected namespaces that came or went within the range, the latest first; %s.' % least,
  targets=[whatChanged],
  columns=[
    { field: 'time', name: 'Time', width: 170 },
    { field: 'title', name: 'Change', width: 400 },
    { field: 'text', name: 'What it is' },
  ],
  noValue='Nothing came or went',
) {
  fieldConfig+: {
    overrides+: [{ matcher: { id: 'byName', options: 'What it is' }, properties: [{ id: 'custom.cellOptions', value: { type: 'auto', wrapText: true } }] }],
  },
  options+: { sortBy: [{ displayName: 'Time', desc: true }] },
};

local versionChange = [{
  type: 'value',
  options: { '1': { text: 'new', color: 'blue', index: 0 }, '-1': { text: 'gone', color: 'purple', index: 1 } },
}];

local versions = panels.table(
  id=11,
  title='Versions that came and went',
  description="Versions of workloads of the selected namespaces (Istio's canonical revisions) that are there at the range's end and were not at its start, or the other way round.",
  targets=[queries.column(changes.versions)],
  columns=[
    { field: 'workload_cluster', name: 'Cluster', width: 110 },
    { field: 'workload_namespace', name: 'Namespace' },
    { field: 'workload_name', name: 'Workload', links: [links.workload(links.cell('workload_cluster'), links.cell('workload_namespace'), links.cell('workload_name'))] },
    { field: 'canonical_service', name: 'App' },
    { field: 'canonical_revision', name: 'Version' },
    { field: 'A', name: 'Is', width: 70, unit: 'short', mappings: versionChange, thresholds: thresholds.none, cells: 'color-text' },
  ],
  noValue='No version came or went',
  sortBy='Is',
);

// The colours of the graph.
local words = [{
  type: 'value',
  options: {
    'failing more': { color: 'red', index: 0 },
    slower: { color: 'orange', index: 1 },
    gone: { color: 'purple', index: 2 },
    new: { color: 'blue', index: 3 },
  },
}];

local compared = panels.list(
  id=12,
  title='Edges that changed',
  description='Edges from and to the selected namespaces that fail more, are slower, are new, or are gone, compared with the range of the same length so long before.',
  targets=[queries.edges({ level: '$level', compareOffset: '$before', edgeStats: ['requestRate', 'errorRatio', 'avg'], limit: 1000 })],
  columns=[
    { field: 'Change', name: 'Change', width: 110, mappings: words, cells: 'color-text' },
    { field: 'Source namespace', name: 'From namespace' },
    { field: 'Source name', name: 'Source' },
    { field: 'Target namespace', name: 'To namespace' },
    { field: 'Target name', name: 'Destination' },
    { field: 'Protocol', name: 'Protocol', width: 95 },
    { field: 'Request rate then', name: 'Rate then', width: 95 },
    { field: 'Request rate', name: 'Rate now', width: 95 },
    { field: 'Error ratio then', name: 'Errors then', width: 95 },
    { field: 'Error ratio', name: 'Errors now', width: 95 },
    { field: 'Latency avg then', name: 'Mean then', width: 95 },
    { field: 'Latency avg', name: 'Mean now', width: 95 },
  ],
  noValue='No edge has changed',
) {
  transformations: [{
    id: 'filterByValue',
    options: { type: 'include', match: 'all', filters: [{ fieldName: 'Change', config: { id: 'regex', options: { value: '.+' } } }] },
  }] + super.transformations,
};

dashboard(
  uid='meshscope-changes',
  title='Meshscope / Changes',
  description='What is not as it was: nodes and edges that came and went, verdicts, versions and pods that changed, and the mesh compared with before.',
  variables=[variables.prometheus, variables.meshscope, variables.cluster, variables.namespace, variables.level, before],
  panels=layout.panels([
    layout.even(3, [edgesNew, edgesGone, nodesNew, nodesGone]),
    layout.row(16, [layout.stack(14, [mesh]), layout.stack(10, [sizes, verdicts])]),
    layout.even(8, [compared]),
    layout.even(8, [list]),
    layout.even(8, [courses, pods]),
    layout.even(7, [versions]),
  ]),
) {
  annotations: {
    list: [{
      name: 'What came and went',
      datasource: { type: 'meshscope-topology-datasource', uid: '${meshscope}' },
      enable: true,
      hide: false,
      iconColor: 'blue',
      target: whatChanged { refId: 'Anno' },
    }],
  },
}
