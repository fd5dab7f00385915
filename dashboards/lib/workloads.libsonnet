// How well the workloads are that the variables cluster and namespace select, as the exporter has judged them.
local promql = import 'promql.libsonnet';

local selected = ['workload_cluster=~"$cluster"', 'workload_namespace=~"$namespace"'];
local workload = ['workload_cluster', 'workload_namespace', 'workload_name'];
local origin = ['origin_cluster', 'origin_namespace', 'origin_name'];
local on = 'on (%s)' % std.join(', ', workload);

// Each workload once: while one exporter takes over from another there may be two series.
local each(metric, by=workload) = promql.aggregate('max', by, promql.selector(metric, selected));

local health = each('meshscope_workload_health');
local unwell = promql.aggregate('topk', [], '50,\n' + health + '\n>= 2');

{
  // How many fail: 0 where some have been judged, and nothing where none has.
  failing: std.join('\n', [
    promql.aggregate('count', [], health + '\n== 3'),
    'or',
    '0 * ' + promql.aggregate('count', [], health),
  ]),

  // Those that are degraded or fail, and whose fault it is.
  unwell: std.join('\n', [
    unwell,
    '* %s group_left (%s)' % [on, std.join(', ', origin[1:])],
    promql.aggregate('topk', workload, '1,\n' + each('meshscope_workload_fault_info', workload + origin)),
    'or ' + on,
    unwell,
  ]),

  ofUnwell(vector):: std.join('\n', [vector, 'and ' + on, unwell]),

  // the ratio that is highest, in or out, of whatever protocol
  errorRatio: each('meshscope_workload_error_ratio'),

  // how many depend on it, by way of others too
  dependents: promql.aggregate('max', workload, promql.selector('meshscope_workload_dependents', selected + ['scope="all"'])),

  replicas(state):: promql.aggregate('max', workload, promql.selector('meshscope_workload_replicas', selected + ['state="%s"' % state])),
}
