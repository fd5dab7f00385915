// Meshscope itself: whether its map is new and whole, and what keeps it from being so.
local dashboard = import 'lib/dashboard.libsonnet';
local exporter = import 'lib/exporter.libsonnet';
local layout = import 'lib/layout.libsonnet';
local panels = import 'lib/panels.libsonnet';
local queries = import 'lib/queries.libsonnet';
local thresholds = import 'lib/thresholds.libsonnet';
local variables = import 'lib/variables.libsonnet';

local none = 'No exporter';

// Durations are asked for once a minute (latency.interval).
local minute = '1m';

local steps(list) = { mode: 'absolute', steps: [{ value: step[0], color: step[1] } for step in list] };
local atLeastOne = steps([[null, 'red'], [1, 'text']]);
local exactlyOne = steps([[null, 'red'], [1, 'text'], [2, 'red']]);
local anyIsBad = steps([[null, 'text'], [1e-9, 'orange']]);

local words(zero, one, bad='red') = [{
  type: 'value',
  options: { '0': { text: zero, color: bad, index: 0 }, '1': { text: one, color: 'text', index: 1 } },
}];

local stat(id, title, description, expr, unit, steps, noValue=none, decimals=null) =
  panels.stat(id=id, title=title, description=description, query=queries.number(expr), unit=unit, noValue=noValue, steps=steps, decimals=decimals);

local up = stat(1, 'Up', 'Exporters that can be scraped.', exporter.up, 'short', atLeastOne);
local leaders = stat(2, 'Leaders', 'Exporters that publish the map. It has to be one: with none there is no map, with several each call is counted as often.', exporter.leaders, 'short', exactlyOne);
local age = stat(3, 'Age', 'Age of the map: how long ago the newest traffic was that is published. Up to a minute is usual.', exporter.age, 's', thresholds.age, decimals=0);
local refreshed = stat(4, 'Refresh', 'Whether the last refresh succeeded. If it did not, the log says why, and the queries below.', exporter.succeeded, 'short', thresholds.none) {
  fieldConfig+: { defaults+: { mappings: words('failed', 'succeeded') } },
};
local cut = stat(5, 'Left out', 'How often within the range an edge or another series was not published, for want of room within limits.max_edges or limits.max_series: once for each at each refresh.', exporter.cut, 'short', anyIsBad, decimals=0);
local failing = stat(6, 'Failures', 'Share of the queries to the store within the range that failed. Those that were given up, or were too large and asked again in parts, are not failures.', exporter.failedShare, 'percentunit', anyIsBad, noValue='No queries');
local targets = panels.table(
  id=9,
  title='Exporters',
  description='Each exporter that was scraped within the range. One that stands by does not refresh.',
  targets=[
    queries.column(exporter.targets[column])
    for column in ['version', 'up', 'leader', 'refreshed', 'configured', 'loaded', 'started']
  ],
  columns=[
    { field: 'job', name: 'Job' },
    { field: 'instance', name: 'Instance' },
    { field: 'version', name: 'Version' },
    { field: 'B', name: 'Scrape', width: 120, unit: 'short', mappings: words('failed', 'succeeded'), thresholds: thresholds.none, cells: 'color-text' },
    { field: 'C', name: 'Publishes', width: 120, unit: 'short', mappings: words('stands by', 'the map', 'text'), thresholds: thresholds.none, cells: 'color-text' },
    { field: 'D', name: 'Last refresh', width: 120, unit: 'short', mappings: words('failed', 'succeeded'), thresholds: thresholds.none, cells: 'color-text' },
    { field: 'E', name: 'Configuration', width: 130, unit: 'short', mappings: words('not taken', 'in force'), thresholds: thresholds.none, cells: 'color-text' },
    { field: 'F', name: 'Loaded', width: 150, unit: 'dateTimeFromNow' },
    { field: 'G', name: 'Started', width: 150, unit: 'dateTimeFromNow' },
  ],
  noValue=none,
  sortBy='Publishes',
) {
  fieldConfig+: { overrides+: [{ matcher: { id: 'byName', options: 'Value #A' }, properties: [{ id: 'custom.hidden', value: true }] }] },
};

local stacked = { stacking: { mode: 'normal', group: 'A' }, fillOpacity: 30 };
local flat = { fillOpacity: 0 };

local ages = panels.timeSeries(
  id=10,
  title='Age of the map',
  description='How long ago the newest traffic was that is published. It rises when refreshes fail or take long; after limits.stale_after without one, no map is published.',
  targets=[queries.lines(exporter.age, 'age')],
  unit='s',
  noValue=none,
  custom={ axisSoftMax: 60 },
);

local stages = panels.timeSeries(
  id=11,
  title='Refresh, in the mean',
  description='How long a refresh takes: its queries to the store, the derivation of the map, and its rendering. All together should stay well below refresh.interval.',
  targets=[queries.lines(exporter.stages, '{{stage}}')],
  unit='s',
  noValue='No refresh',
  custom=stacked,
);

local slowest = panels.timeSeries(
  id=12,
  title='Refresh, p95',
  description='The time in which 95 % of the refreshes were done with each stage.',
  targets=[queries.lines(exporter.slowest(0.95), '{{stage}}')],
  unit='s',
  noValue='No refresh',
  custom=flat,
);

local outcomes = panels.timeSeries(
  id=13,
  title='Queries to the store',
  description='Queries per second, by their outcome.',
  targets=[queries.lines(exporter.outcomes, '{{outcome}}')],
  unit='reqps',
  noValue='No queries',
  custom=stacked,
  overrides=[{ matcher: { id: 'byName', options: 'success' }, properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: 'gray' } }] }],
);

local failures = panels.timeSeries(
  id=14,
  title='Failures by query',
  description='Queries per second that failed, by what they ask for and how they ended.',
  targets=[queries.lines(exporter.failures.sum, 'all'), queries.lines(exporter.failures.parts, '{{query}}: {{outcome}}')],
  unit='reqps',
  noValue='No queries',
  custom={ fillOpacity: 8, axisSoftMax: 0.1 },
);

local durations = panels.timeSeries(
  id=15,
  title='Duration of queries',
  description='How long the five slowest queries take in the mean, until their answers are read.',
  targets=[queries.lines(exporter.queries, '{{query}}', every=minute)],
  unit='s',
  noValue='No queries',
  custom=flat,
);

local samples = panels.timeSeries(
  id=16,
  title='Samples read',
  description="Samples in the store's answers per second, by what was asked for.",
  targets=[queries.lines(exporter.samples, '{{metric}}', every=minute)],
  unit='cps',
  noValue='No samples',
  custom=stacked,
);

local rejected = panels.timeSeries(
  id=17,
  title='Rejected samples',
  description='Samples per second that could not be placed or counted, by reason. Their traffic is not on the map.',
  targets=[queries.lines(exporter.rejected.sum, 'all'), queries.lines(exporter.rejected.parts, '{{reason}}')],
  unit='cps',
  noValue=none,
  custom={ axisSoftMax: 0.1 },
);

local folded = panels.timeSeries(
  id=18,
  title='Folded samples',
  description='Samples per second that became part of another edge, by reason. This is as it should be.',
  targets=[queries.lines(exporter.folded, '{{reason}}')],
  unit='cps',
  noValue=none,
);

local skipped = panels.timeSeries(
  id=8,
  title='Traffic not counted',
  description='Seconds of traffic in each second that nobody counts: an absence of the exporter or of the store was longer than refresh.catch_up.',
  targets=[queries.lines(exporter.skipped, 'seconds')],
  unit='short',
  noValue=none,
  custom={ axisSoftMax: 0.1 },
);

local published = panels.timeSeries(
  id=19,
  title='Edges published',
  description='Edges that are published. limits.max_edges is what there may be.',
  targets=[queries.lines(exporter.edges, 'edges')],
  unit='short',
  noValue=none,
);

local dropped = panels.timeSeries(
  id=20,
  title='Left out by limits',
  description='Edges that were not published, by reason, and series of health, workloads and objects that limits.max_series left no room for: per second, each counted at each refresh.',
  targets=[queries.lines(exporter.gaugesDropped, 'gauges'), queries.lines(exporter.edgesDropped, 'edges: {{reason}}')],
  unit='cps',
  noValue=none,
  custom={ axisSoftMax: 0.1 },
);

local scraped = panels.timeSeries(
  id=21,
  title='Samples in a scrape',
  description='How many samples a scrape of the exporter has: what the store stores of it each time.',
  targets=[queries.lines(exporter.scraped, '{{instance}}')],
  unit='short',
  noValue=none,
);

local scrapeDuration = panels.timeSeries(
  id=22,
  title='Duration of scrapes',
  description='How long a scrape of the exporter takes. Beyond the scrape timeout it fails.',
  targets=[queries.lines(exporter.scrapeDuration, '{{instance}}')],
  unit='s',
  noValue=none,
);

local resources = panels.table(
  id=23,
  title='Kubernetes',
  description='Whether the objects of each resource can be read from each cluster, by the exporter that reads least. If not, permission or the connection is missing, and the log tells which. A resource that a cluster does not have is not listed.',
  targets=[queries.column(exporter.resources)],
  columns=[
    { field: 'kubernetes_cluster', name: 'Cluster' },
    { field: 'resource', name: 'Resource' },
    { field: 'A', name: 'Can be read', width: 120, unit: 'short', mappings: words('no', 'yes'), thresholds: thresholds.none, cells: 'color-text' },
  ],
  noValue='No API server is watched',
  sortBy='Can be read',
) { options+: { sortBy: [{ displayName: 'Can be read', desc: false }] } };

local problems = panels.timeSeries(
  id=24,
  title='Invalid health annotations',
  description='Parts of annotations health.kiali.io/rate that are not valid, or match nothing, and are left out. The log tells of each once.',
  targets=[queries.lines(exporter.annotationProblems, 'parts')],
  unit='short',
  noValue=none,
  custom={ axisSoftMax: 1, lineInterpolation: 'stepAfter' },
);

local cpu = panels.timeSeries(
  id=25,
  title='CPU',
  description='Seconds of CPU that the exporter uses in each second.',
  targets=[queries.lines(exporter.cpu, '{{instance}}')],
  unit='short',
  noValue=none,
);

local memory = panels.timeSeries(
  id=26,
  title='Memory',
  description='Resident memory of the exporter, and of this its heap in use.',
  targets=[queries.lines(exporter.memory, '{{instance}} resident'), queries.lines(exporter.heap, '{{instance}} heap')],
  unit='bytes',
  noValue=none,
);

local goroutines = panels.timeSeries(
  id=27,
  title='Goroutines and open files',
  description='Goroutines of the exporter, and the files and connections that it has open. What rises without end is a leak.',
  targets=[queries.lines(exporter.goroutines, '{{instance}} goroutines'), queries.lines(exporter.files, '{{instance}} files')],
  unit='short',
  noValue=none,
  custom=flat,
);

dashboard(
  uid='meshscope-exporter',
  title='Meshscope / Exporter',
  description='Meshscope itself: whether its map is new and whole, what it asks of the store, and what it takes.',
  variables=[
    variables.prometheus,
    variables.hidden(variables.meshscope),
    variables.hidden(variables.cluster),
    variables.hidden(variables.namespace),
    variables.job,
    variables.instance,
  ],
  panels=layout.panels([
    layout.even(3, [up, leaders, age, refreshed, failing, cut]),
    layout.even(5, [targets]),
    layout.even(7, [ages, stages, slowest]),
    layout.even(7, [outcomes, failures, durations]),
    layout.even(7, [samples, rejected, folded]),
    layout.even(7, [published, dropped, skipped]),
    layout.even(7, [scraped, scrapeDuration, problems]),
    layout.even(7, [cpu, memory, goroutines]),
    layout.even(6, [resources]),
  ]),
)
