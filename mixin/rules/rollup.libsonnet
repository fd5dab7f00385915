// What edges grew by in each hour, who spoke on them, and how unwell they were. The data source reads long ranges from these, for they have a
// sample per hour where the counters have 240. Names, labels and the interval are an interface: the data source knows
// them.
local labels = import '../lib/labels.libsonnet';

// The counters of edges, and their labels beside an edge's.
local counters = [
  { series: 'requests_total', more: ['request_protocol', 'response_code', 'grpc_response_status', 'response_flags'] },
  { series: 'request_duration_seconds_bucket', more: ['request_protocol', 'le'] },
  { series: 'request_duration_seconds_sum', more: ['request_protocol'] },
  { series: 'request_bytes_total', more: ['request_protocol'] },
  { series: 'response_bytes_total', more: ['request_protocol'] },
  { series: 'request_messages_total', more: [] },
  { series: 'response_messages_total', more: [] },
  { series: 'tcp_request_bytes_total', more: ['response_flags'] },
  { series: 'tcp_response_bytes_total', more: ['response_flags'] },
  { series: 'tcp_connections_opened_total', more: [] },
  { series: 'tcp_connections_closed_total', more: [] },
  { series: 'secured_total', more: ['request_protocol', 'connection_security_policy'] },
];

local by(more) = labels.by(labels.edge + if more == [] then [] else [more]);

local rollup(counter) = {
  record: 'edge:meshscope_%s:increase1h' % std.strReplace(counter.series, '_total', ''),
  expr: |||
    sum %s (
      increase(meshscope_edge_%s[1h])
    )
  ||| % [by(counter.more), counter.series],
};

{
  prometheusRules+:: {
    groups+: [{
      name: 'meshscope-rollup',
      interval: '1h',
      rules: [rollup(counter) for counter in counters] + [
        {
          record: 'edge:meshscope_info:last1h',
          expr: |||
            max %s (
              last_over_time(meshscope_edge_info[1h])
            )
          ||| % by(['request_protocol', 'source_principal', 'destination_principal', 'reporter']),
        },
        {
          record: 'edge:meshscope_health:max1h',
          expr: |||
            max %s (
              max_over_time(meshscope_edge_health[1h])
            )
          ||| % by([]),
        },
        {
          // It comes last: where it has a sample, that hour is whole.
          record: 'meshscope:rollup_series:count',
          expr: |||
            count by (rollup) (
              label_replace({__name__=~"edge:meshscope_.+:(increase|last|max)1h"}, "rollup", "$1", "__name__", "(.+)")
            )
          |||,
        },
      ],
    }],
  },
}
