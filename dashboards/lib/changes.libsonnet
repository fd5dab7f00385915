// What is not what it was before, of what the variables cluster and namespace select.
local promql = import 'promql.libsonnet';

local selected = ['workload_cluster=~"$cluster"', 'workload_namespace=~"$namespace"'];
local workload = ['workload_cluster', 'workload_namespace', 'workload_name'];
local on = 'on (%s)' % std.join(', ', workload);

local ends = [
  ['destination_cluster=~"$cluster"', 'destination_service_namespace=~"$namespace"'],
  ['source_cluster=~"$cluster"', 'source_workload_namespace=~"$namespace"', 'destination_service_namespace!~"$namespace"'],
  ['source_cluster=~"$cluster"', 'source_workload_namespace=~"$namespace"', 'destination_cluster!~"$cluster"'],
];

// Each workload once: while one exporter takes over from another there may be two series.
local each(vector, by=workload) = promql.aggregate('max', by, vector);

// Those of which a gauge changed within the range that is shown: the same ones at each point of a line.
local changed(metric, matchers=[]) =
  each('changes(%s[$__range] @ end())' % promql.selector(metric, selected + matchers));

local mostChanged(n, metric, matchers, of) = std.join('\n', [
  each(promql.selector(metric, selected + of)),
  'and ' + on,
  promql.aggregate('topk', [], '%d,\n' % n + changed(metric, matchers) + '\n> 0'),
]);

local version = workload + ['canonical_service', 'canonical_revision'];
local versions(offset) = each(promql.selector('meshscope_workload_info', selected + ['canonical_revision!=""']) + offset, version);
// Without an exporter nothing is known, and nothing has come or gone.
local published(offset) = 'and on () ' + promql.aggregate('group', [], 'meshscope_edges' + offset);
local before = ' offset $__range';

{
  // how many edges there are from and to the selected namespaces
  edges: promql.aggregate('count', [], promql.aggregate('group', [
    'source_cluster',
    'source_workload_namespace',
    'source_workload',
    'destination_cluster',
    'destination_workload_namespace',
    'destination_workload',
    'destination_service',
  ], promql.union([promql.selector('meshscope_edge_first_seen_timestamp_seconds', end) for end in ends]))),

  workloads: promql.aggregate('count', [], each(promql.selector('meshscope_workload_info', selected))),

  // how many workloads have a verdict: 0 where some are judged, and none has this one
  judged(verdict)::
    local health = each(promql.selector('meshscope_workload_health', selected));
    promql.union([
      promql.aggregate('count', [], health + '\n== %d' % verdict),
      '0 * ' + promql.aggregate('count', [], health),
    ]),

  // the worst verdict of all workloads
  worst: promql.aggregate('max', [], promql.selector('meshscope_workload_health', selected)),

  // the verdicts on those whose verdict changed most often
  health: mostChanged(20, 'meshscope_workload_health', [], []),

  // the pods of those where their number changed most often
  replicas: mostChanged(10, 'meshscope_workload_replicas', ['state=~"desired|available"'], ['state="available"']),

  // 1 for what is there now and was not at the start of the range, -1 for what is not there any more
  versions: promql.union([
    std.join('\n', [versions(''), 'unless', versions(before), published(before)]),
    std.join('\n', ['-1 * ' + versions(before), 'unless', versions(''), published('')]),
  ]),
}
