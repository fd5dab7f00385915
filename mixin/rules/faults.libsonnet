// Whose fault it is that calls of an edge fail. The exporter says it of each workload that fails, once; of several
// exporters, as at a failover, one is taken: two would be an error in the alerts.
local labels = import '../lib/labels.libsonnet';
local promql = import '../lib/promql.libsonnet';

{
  local config = $._config,
  local requests = 'workload_edge:meshscope_requests:increase' + config.window,
  local byDestination = 'destination:meshscope_workload_fault_info:topk1',
  local origin = std.join(', ', labels.origin[0]),

  // Edges whose calls reach a workload that fails.
  local reached = |||
    %s{destination_workload!="unknown"}
    * %s group_left (%s)
    %s
  ||| % [requests, labels.by(labels.destination, 'on'), origin, byDestination],

  prometheusRules+:: {
    groups+: [{
      name: 'meshscope-faults.rules',
      interval: config.interval,
      rules: [
        {
          // By the labels that edges have for the workload that they call.
          record: byDestination,
          expr: |||
            group %s (
              %s
            )
          ||| % [
            labels.by(labels.destination + labels.origin),
            promql.indent(promql.rename(
              |||
                topk %s (
                  1,
                  %s
                )
              ||| % [
                labels.by(labels.workload),
                promql.select('meshscope_workload_fault_info', [config.workloadSelector]),
              ],
              {
                workload_cluster: 'destination_cluster',
                workload_namespace: 'destination_workload_namespace',
                workload_name: 'destination_workload',
              }
            ), 2),
          ],
        },
        {
          // Calls that reached no workload are the fault of the one that other calls of the same service reach: one
          // without pods is still called by its service.
          record: 'workload_edge:meshscope_workload_fault_info:topk1',
          expr: |||
            group %(by)s (
              %(reached)s
              or
              %(requests)s{destination_workload="unknown"}
              * %(onService)s group_left (%(origin)s)
              topk %(byService)s (
                1,
                group %(byServiceAndOrigin)s (
                  %(reachedDeeper)s
                )
              )
            )
          ||| % {
            by: labels.by(labels.workloadEdge + labels.origin),
            requests: requests,
            origin: origin,
            reached: promql.indent(reached, 2),
            onService: promql.indent(labels.by(labels.service, 'on'), 2),
            byService: promql.indent(labels.by(labels.service), 2),
            byServiceAndOrigin: promql.indent(labels.by(labels.service + labels.origin), 4),
            reachedDeeper: promql.indent(reached, 6),
          },
        },
      ],
    }],
  },
}
