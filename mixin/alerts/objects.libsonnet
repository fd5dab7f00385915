local promql = import '../lib/promql.libsonnet';

{
  local config = $._config,
  local status(matcher) = promql.select('meshscope_istio_object_status', [matcher]),

  prometheusAlerts+:: {
    groups+: [{
      name: 'meshscope-objects',
      interval: config.interval,
      rules: [{
        alert: 'MeshscopeObjectRejected',
        expr: |||
          max by (object_cluster, object_kind, object_namespace, object_name, condition) (
            %s == 0
            or
            %s == 1
          )
        ||| % [
          status('condition=~"%s"' % config.objectRejected.good),
          status('condition=~"%s|%s"' % [config.objectRejected.bad, config.objectRejected.codes]),
        ],
        'for': config.objectRejected['for'],
        labels: { severity: config.objectRejected.severity },
        annotations: {
          summary:
            '{{ $labels.object_kind }} {{ $labels.object_name }} (namespace {{ $labels.object_namespace }}) is not in force as it is written.',
          description:
            '{{ if eq $value 0.0 }}Its condition {{ $labels.condition }} does not hold' +
            '{{ else }}Its status has {{ $labels.condition }}{{ end }}, in cluster {{ $labels.object_cluster }}.',
        },
      }],
    }],
  },
}
