local duration = import '../lib/duration.libsonnet';
local labels = import '../lib/labels.libsonnet';
local names = import '../lib/names.libsonnet';

{
  local config = $._config,
  local dependency = 'dependency:meshscope_edge_first_seen_timestamp_seconds',

  prometheusAlerts+:: {
    groups+: [{
      name: 'meshscope-dependencies',
      interval: config.interval,
      rules: [{
        alert: 'MeshscopeNewDependency',
        // First seen lately, and not known before by the store, which remembers longer than the exporter. Nothing is
        // new in a cluster of which the store had no map some hours ago: with a new mesh, or a new store, everything
        // would be.
        expr: |||
          time() - %(dependency)s:min < %(newFor)d
          unless %(on)s
          last_over_time(%(dependency)s:memory[%(memory)s] offset %(offset)s)
          and on (source_cluster)
          count by (source_cluster) (
            last_over_time(%(dependency)s:memory[%(memory)s] offset %(meshAge)s)
          )
        ||| % {
          dependency: dependency,
          on: labels.by(labels.dependency, 'on'),
          newFor: duration.seconds(config.newDependency.newFor),
          memory: config.newDependency.memory,
          offset: config.newDependency.newFor,
          meshAge: config.newDependency.meshAge,
        },
        'for': config.newDependency['for'],
        labels: { severity: config.newDependency.severity },
        annotations: {
          summary: '%s calls %s, which it did not call before.' % [names.app, names.service],
          description:
            ('The first call was {{ $value | humanizeDuration }} ago, in cluster {{ $labels.source_cluster }}. ' +
             'There was none in the %s before.') % config.newDependency.memory,
        },
      }],
    }],
  },
}
