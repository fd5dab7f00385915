// What the alerts on edges compare. The level is workload_edge: the labels of an edge that alerts carry.
local labels = import '../lib/labels.libsonnet';
local promql = import '../lib/promql.libsonnet';

{
  local config = $._config,
  local by = labels.by(labels.workloadEdge),
  local increase(metric, matchers=[]) =
    'increase(%s[%s])' % [promql.select(metric, matchers + [config.edgeSelector]), config.window],

  prometheusRules+:: {
    groups+: [{
      name: 'meshscope-edges.rules',
      interval: config.interval,
      rules: [
        {
          record: 'workload_edge:meshscope_requests:increase' + config.window,
          expr: |||
            sum %s (
              %s
            )
          ||| % [by, increase('meshscope_edge_requests_total')],
        },
        {
          // Calls that failed for a reason on the edge or behind it: no response, HTTP 5xx, and for gRPC any HTTP
          // error or status but OK. HTTP 4xx is what the caller did wrong, and not counted. "or" takes a series once
          // that is of several parts. An edge that never failed has no series here.
          record: 'workload_edge:meshscope_request_errors:increase' + config.window,
          expr: |||
            sum %s (
              %s
              or
              %s
              or
              %s
            )
          ||| % [
            by,
            increase('meshscope_edge_requests_total', ['response_code=~"%s"' % config.edgeFailing.responseCodes]),
            increase('meshscope_edge_requests_total', ['request_protocol="grpc"', 'response_code=~"4.."']),
            increase('meshscope_edge_requests_total', [
              'request_protocol="grpc"',
              'grpc_response_status!~"%s"' % std.join('|', ['0', ''] + config.edgeFailing.ignoredGRPCStatuses),
            ]),
          ],
        },
        {
          // Calls that reached no workload make an edge of their own, to the service, and all of them failed. They are
          // held against all calls of that service by the same caller: a few that found no endpoint are not an outage.
          record: 'workload_edge:meshscope_request_errors:ratio_increase' + config.window,
          expr: |||
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
          ||| % {
            errors: 'workload_edge:meshscope_request_errors:increase' + config.window,
            requests: 'workload_edge:meshscope_requests:increase' + config.window,
            on: promql.indent(labels.by(labels.workloadToService, 'on'), 4),
            by: promql.indent(labels.by(labels.workloadToService), 4),
          },
        },
        {
          // Where there were too few requests, there is no sample: a percentile of three requests is one of them, and
          // no baseline either. ">= 0" drops what is not a number, as with latency.mode: summary.
          record: 'workload_edge:meshscope_request_duration_seconds:p95_rate' + config.window,
          expr: |||
            (
              histogram_quantile(
                0.95,
                sum %(byBucket)s (
                  rate(%(bucket)s[%(window)s])
                )
              ) >= 0
            )
            and
            sum %(by)s (
              %(count)s
            ) >= %(minRequests)g
          ||| % {
            byBucket: promql.indent(labels.by(labels.workloadEdge + [['le']]), 4),
            by: by,
            bucket: promql.select('meshscope_edge_request_duration_seconds_bucket', [config.edgeSelector]),
            count: increase('meshscope_edge_request_duration_seconds_count'),
            window: config.window,
            minRequests: config.edgeSlow.minRequests,
          },
        },
        {
          // The share of mutual TLS in calls and connections of which the policy is known. An edge that is all plain
          // text has no series of mutual_tls: its share is 0, by the "or".
          record: 'workload_edge:meshscope_mutual_tls:ratio_increase' + config.window,
          expr: |||
            (
              sum %(by)s (
                %(mutual)s
              )
              or
              0 *
              sum %(by)s (
                %(known)s
              )
            )
            /
            (
              sum %(by)s (
                %(known)s
              ) > 0
            )
          ||| % {
            by: promql.indent(by, 2),
            mutual: increase('meshscope_edge_secured_total', ['connection_security_policy="mutual_tls"']),
            known: increase('meshscope_edge_secured_total', ['connection_security_policy!="unknown"']),
          },
        },
      ],
    }],
  },
}
