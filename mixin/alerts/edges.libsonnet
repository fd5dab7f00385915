local labels = import '../lib/labels.libsonnet';
local names = import '../lib/names.libsonnet';
local promql = import '../lib/promql.libsonnet';
local workloads = import 'workloads.libsonnet';

{
  local config = $._config,
  local requests = 'workload_edge:meshscope_requests:increase' + config.window,
  local p95 = 'workload_edge:meshscope_request_duration_seconds:p95_rate' + config.window,
  local mutualTLS = 'workload_edge:meshscope_mutual_tls:ratio_increase' + config.window,

  local failing(severity) = {
    alert: 'MeshscopeEdgeFailing',
    // The labels of the origin are there while it is known whose fault it is. They are what inhibits this alert while the
    // origin's own fires.
    expr: |||
      (
        %(ratio)s
        * %(on)s group_left (%(origin)s)
        workload_edge:meshscope_workload_fault_info:topk1
        or ignoring (%(origin)s)
        %(ratio)s
      ) > %(limit)g
      and ignoring (%(origin)s)
      %(requests)s >= %(minRequests)g
    ||| % {
      ratio: 'workload_edge:meshscope_request_errors:ratio_increase' + config.window,
      requests: requests,
      on: promql.indent(labels.by(labels.workloadEdge, 'on'), 2),
      origin: std.join(', ', labels.origin[0]),
      limit: config.edgeFailing[severity].ratio,
      minRequests: config.edgeFailing.minRequests,
    },
    'for': config.edgeFailing[severity]['for'],
    labels: { severity: severity },
    annotations: {
      summary: 'Calls from %s to %s fail.' % [names.source, names.destination],
      description:
        '{{ $value | humanizePercentage }} of the calls in the last %s got a 5xx, a gRPC error or no response.%s %s'
        % [config.window, names.because, names.details],
    },
  },

  prometheusAlerts+:: {
    groups+: [{
      name: 'meshscope-edges',
      interval: config.interval,
      // Workloads come first, and in the same group: an origin's alert is there when those that it inhibits are.
      rules: workloads(config) + [
        failing('critical'),
        failing('warning'),
        {
          alert: 'MeshscopeEdgeSlow',
          // Against yesterday, for load has its hours. The median of an hour is not moved by one bad minute of it.
          expr: |||
            %(p95)s > %(factor)g * (
              quantile_over_time(0.5, %(p95)s[%(window)s] offset %(offset)s)
              or
              quantile_over_time(0.5, %(p95)s[%(window)s] offset %(newOffset)s)
            )
            and
            %(p95)s > %(floor)g
          ||| % {
            p95: p95,
            factor: config.edgeSlow.factor,
            window: config.edgeSlow.baselineWindow,
            offset: config.edgeSlow.offset,
            newOffset: config.edgeSlow.newOffset,
            floor: config.edgeSlow.floor,
          },
          'for': config.edgeSlow['for'],
          labels: { severity: config.edgeSlow.severity },
          annotations: {
            summary: 'Calls from %s to %s have slowed down.' % [names.source, names.destination],
            description:
              ('The 95th percentile of their duration is {{ $value | humanizeDuration }}, ' +
               'more than %g times what it was %s ago, or %s ago if nothing is known of then. %s')
              % [config.edgeSlow.factor, config.edgeSlow.offset, config.edgeSlow.newOffset, names.details],
          },
        },
        {
          alert: 'MeshscopeEdgePlaintext',
          expr: |||
            %(mutualTLS)s < %(ratio)g
            and
            max_over_time(%(mutualTLS)s[%(past)s]) >= %(ratio)g
            and
            sum %(by)s (
              increase(%(plain)s[%(window)s])
            ) >= %(minCalls)g
          ||| % {
            mutualTLS: mutualTLS,
            ratio: config.edgePlaintext.ratio,
            past: config.edgePlaintext.past,
            by: labels.by(labels.workloadEdge),
            plain: promql.select(
              'meshscope_edge_secured_total',
              ['connection_security_policy!~"mutual_tls|unknown"', config.edgeSelector]
            ),
            window: config.window,
            minCalls: config.edgePlaintext.minCalls,
          },
          'for': config.edgePlaintext['for'],
          labels: { severity: config.edgePlaintext.severity },
          annotations: {
            summary: 'Calls from %s to %s went from mutual TLS to plain text.' % [names.source, names.destination],
            description:
              ('{{ $value | humanizePercentage }} of the calls in the last %s were mutual TLS. ' +
               'There was a time in the last %s when all were. %s')
              % [config.window, config.edgePlaintext.past, names.details],
          },
        },
      ],
    }],
  },
}
