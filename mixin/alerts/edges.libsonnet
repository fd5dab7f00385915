local labels = import '../lib/labels.libsonnet';
local names = import '../lib/names.libsonnet';
local promql = import '../lib/promql.libsonnet';

{
  local config = $._config,
  local requests = 'workload_edge:meshscope_requests:increase' + config.window,
  local errors = 'workload_edge:meshscope_request_errors:increase' + config.window,
  local p95 = 'workload_edge:meshscope_request_duration_seconds:p95_rate' + config.window,
  local mutualTLS = 'workload_edge:meshscope_mutual_tls:ratio_increase' + config.window,

  local failing(severity) = {
    alert: 'MeshscopeEdgeFailing',
    // Calls that reached no workload make an edge of their own, to the service, and all of them failed. They are held
    // against all calls of that service by the same caller: a few that found no endpoint are not an outage.
    expr: |||
      (
        %(errors)s
        /
        (
          %(requests)s{destination_workload!="unknown"}
          or
          (
            0 * %(requests)s{destination_workload="unknown"}
            + %(on)s group_left ()
            sum %(by)s (
              %(requests)s
            )
          )
        )
      ) > %(ratio)g
      and
      %(requests)s >= %(minRequests)g
    ||| % {
      errors: errors,
      requests: requests,
      on: promql.indent(labels.by(labels.workloadToService, 'on'), 6),
      by: promql.indent(labels.by(labels.workloadToService), 6),
      ratio: config.edgeFailing[severity].ratio,
      minRequests: config.edgeFailing.minRequests,
    },
    'for': config.edgeFailing[severity]['for'],
    labels: { severity: severity },
    annotations: {
      summary: 'Calls from %s to %s fail.' % [names.source, names.destination],
      description:
        '{{ $value | humanizePercentage }} of the calls in the last %s got a 5xx, a gRPC error or no response. %s'
        % [config.window, names.details],
    },
  },

  prometheusAlerts+:: {
    groups+: [{
      name: 'meshscope-edges',
      interval: config.interval,
      rules: [
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
