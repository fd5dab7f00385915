// Which app calls which service, and since when. Two rules: one of now, and one that is the store's memory. The
// exporter forgets an edge that is idle for limits.idle_ttl, and takes it as new when it comes back: without a longer
// memory a nightly job would be news each night.
local labels = import '../lib/labels.libsonnet';
local promql = import '../lib/promql.libsonnet';

// Edges, less what a waypoint calls: it does so for others, which have edges of their own.
local edges(selector) = |||
  (
    %s
    unless on (source_cluster, source_workload_namespace, source_workload)
    label_replace(
      label_replace(
        label_replace(
          meshscope_workload_info{dataplane="waypoint"},
          "source_cluster", "$1", "workload_cluster", "(.*)"
        ),
        "source_workload_namespace", "$1", "workload_namespace", "(.*)"
      ),
      "source_workload", "$1", "workload_name", "(.*)"
    )
  )
||| % promql.select('meshscope_edge_first_seen_timestamp_seconds', [selector]);

// Names that are not known are the workload's: of apps without a canonical service, and of calls that address a
// workload and no service.
local named(edges) = std.foldl(
  function(expr, names) promql.fallback(expr, names[0], names[1]),
  [
    ['source_canonical_service', 'source_workload'],
    ['destination_service_name', 'destination_workload'],
    ['destination_service_namespace', 'destination_workload_namespace'],
  ],
  edges
);

{
  local config = $._config,
  local firstSeen = 'dependency:meshscope_edge_first_seen_timestamp_seconds:min',

  prometheusRules+:: {
    groups+: [
      {
        name: 'meshscope-dependencies.rules',
        interval: config.interval,
        rules: [{
          record: firstSeen,
          expr: |||
            min %s (
              %s
            )
          ||| % [labels.by(labels.dependency), promql.indent(named(edges(config.edgeSelector)), 2)],
        }],
      },
      {
        // At a long interval, so that a week of it is some hundred samples for each dependency. It is read by ranges
        // alone: between two samples an instant query finds nothing.
        name: 'meshscope-memory.rules',
        interval: config.newDependency.interval,
        rules: [{
          record: 'dependency:meshscope_edge_first_seen_timestamp_seconds:memory',
          expr: firstSeen,
        }],
      },
    ],
  },
}
