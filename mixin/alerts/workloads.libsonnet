// Alerts on workloads, of a configuration.
local labels = import '../lib/labels.libsonnet';
local names = import '../lib/names.libsonnet';
local promql = import '../lib/promql.libsonnet';

function(config)
  local select(metric, matchers=[]) = promql.select(metric, matchers + [config.workloadSelector]);
  local onWorkload = labels.by(labels.workload, 'on');

  // What an annotation asks the store for: a series of the alert's workload.
  local ask(format, matchers='') =
    std.strReplace(
      '(printf `' + format + '` $labels.workload_cluster $labels.workload_namespace $labels.workload_name | query)',
      'W',
      'workload_cluster=%q, workload_namespace=%q, workload_name=%q'
    );

  // Whose health is a failure, by what tells whose fault it is.
  local failing(which) = |||
    max %(by)s (
      %(info)s
      %(which)s %(on)s
      %(origin)s == 1
      and %(on)s
      %(health)s == 3
    )
  ||| % {
    which: which,
    by: labels.by(labels.workload + labels.origin),
    on: promql.indent(onWorkload, 2),
    info: select('meshscope_workload_fault_info'),
    origin: select('meshscope_workload_fault_origin'),
    health: select('meshscope_workload_health'),
  };

  // What the verdict was reached by.
  local reasons =
    '{{ with %s }}Its callers got errors: ' % ask('sort_desc(max by (request_protocol, tolerance) (meshscope_workload_error_ratio{direction="in", W}) > 0)') +
    '{{ range $i, $r := . }}{{ if $i }}, {{ end }}{{ .Value | humanizePercentage }} of {{ .Labels.request_protocol }} by {{ .Labels.tolerance }}{{ end }}. {{ end }}' +
    '{{ with %s }}Of its pods {{ . | first | value }} are available' % ask('max(meshscope_workload_replicas{state="available", W})') +
    '{{ end }}{{ with %s }} and {{ . | first | value }} wanted. {{ end }}' % ask('max(meshscope_workload_replicas{state="desired", W})') +
    'In cluster {{ $labels.workload_cluster }}.';

  [
    {
      alert: 'MeshscopeWorkloadFailing',
      expr: failing('and'),
      'for': config.workloadFailing['for'],
      labels: { severity: config.workloadFailing.severity },
      annotations: {
        summary:
          names.workload + ' fails its callers' +
          '{{ with %s }} (workloads that depend on it: {{ . | first | value }}){{ end }}.' % ask('max(meshscope_workload_dependents{scope="all", W})'),
        description: 'Nothing that it calls explains it. ' + reasons,
      },
    },
    {
      alert: 'MeshscopeWorkloadAffected',
      expr: failing('unless'),
      'for': config.workloadAffected['for'],
      labels: { severity: config.workloadAffected.severity },
      annotations: {
        summary: '%s fails because of %s.' % [names.workload, names.origin],
        description: reasons,
      },
    },
    {
      alert: 'MeshscopeWorkloadReplicasMissing',
      expr: |||
        max %(by)s (%(desired)s)
        - %(on)s
        max %(by)s (%(available)s)
        > 0
        and %(on)s
        %(dependents)s > 0
      ||| % {
        by: labels.by(labels.workload),
        on: onWorkload,
        desired: select('meshscope_workload_replicas', ['state="desired"']),
        available: select('meshscope_workload_replicas', ['state="available"']),
        dependents: select('meshscope_workload_dependents', ['scope="direct"']),
      },
      'for': config.workloadReplicasMissing['for'],
      labels: { severity: config.workloadReplicasMissing.severity },
      annotations: {
        summary: names.workload + ' has fewer pods than it wants, and is called by others.',
        description:
          '{{ $value }} of its pods are not available. ' +
          '{{ with %s }}Workloads that depend on it: {{ . | first | value }}. {{ end }}' % ask('max(meshscope_workload_dependents{scope="all", W})') +
          'In cluster {{ $labels.workload_cluster }}.',
      },
    },
  ]
