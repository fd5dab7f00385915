// How well the workloads are that the variables cluster and namespace select, as the exporter has judged them.
local promql = import 'promql.libsonnet';
local variables = import 'variables.libsonnet';

local selected = ['workload_cluster=~"$cluster"', 'workload_namespace=~"$namespace"'];
local workload = ['workload_cluster', 'workload_namespace', 'workload_name'];
local origin = ['origin_cluster', 'origin_namespace', 'origin_name'];
local on = 'on (%s)' % std.join(', ', workload);

// Each workload once: while one exporter takes over from another there may be two series.
local each(metric, by=workload) = promql.aggregate('max', by, promql.selector(metric, selected));

local quoted = variables.quoted;

// Labels under other names.
local renamed(names, vector) =
  std.foldl(function(text, to) 'label_replace(\n%s,\n  "%s", "$1", "%s", "(.*)"\n)' % [promql.indented(text), to, names[to]], std.objectFields(names), vector);

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

  // the worst verdict on a namespace
  verdict: promql.aggregate('max', [], promql.selector('meshscope_namespace_health', ['namespace_cluster=~"$cluster"', 'namespace_name=~"$namespace"'])),

  // Whose fault it is that they fail, named as the Meshscope data source names nodes.
  origins: promql.sum(
    ['cluster', 'namespace', 'name', 'origin'],
    renamed({ cluster: 'workload_cluster', namespace: 'workload_namespace', name: 'workload_name', origin: 'origin_name' },
            promql.aggregate('topk', workload, '1,\n' + each('meshscope_workload_fault_info', workload + origin))),
  ),

  // Of the one workload in the variables namespace and workload.
  one: {
    local its = ['workload_cluster=~"$cluster"', 'workload_namespace=' + quoted('namespace'), 'workload_name=' + quoted('workload')],

    verdict: promql.aggregate('max', [], promql.selector('meshscope_workload_health', its)),

    // 1 of the workload whose fault it is, by its name in the label `fault`; and 0 of the workload itself where it is
    // nobody's.
    fault: std.join('\n', [
      renamed({ fault: 'origin_name' }, promql.aggregate('topk', [], '1,\n' + promql.aggregate('max', origin, promql.selector('meshscope_workload_fault_info', its)))),
      'or on ()',
      'label_replace(\n%s,\n  "fault", "Nobody\'s", "workload_name", ".*"\n)' % promql.indented(
        renamed(
          { origin_cluster: 'workload_cluster', origin_namespace: 'workload_namespace', origin_name: 'workload_name' },
          '0 * ' + promql.aggregate('topk', [], '1,\n' + promql.aggregate('max', workload, promql.selector('meshscope_workload_info', its))),
        )
      ),
    ]),
    replicas(state):: promql.aggregate('max', [], promql.selector('meshscope_workload_replicas', its + ['state="%s"' % state])),
  },
}
