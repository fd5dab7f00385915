// Labels of Meshscope's series, in lines as expressions show them.
{
  local caller = ['source_cluster', 'source_workload_namespace', 'source_workload'],

  // All labels of an edge.
  edge: [
    caller + ['source_canonical_service', 'source_canonical_revision'],
    ['destination_cluster', 'destination_workload_namespace', 'destination_workload'] +
    ['destination_canonical_service', 'destination_canonical_revision'],
    ['destination_service', 'destination_service_name', 'destination_service_namespace'],
  ],

  // The labels of an edge that alerts carry. A workload has one canonical service and revision, and a service one
  // host, so these say nothing more. Clusters stay, or workloads of the same name would mix; and so does the service,
  // which is all that is known of calls that reached no workload.
  workloadEdge: [
    caller,
    ['destination_cluster', 'destination_workload_namespace', 'destination_workload'],
    ['destination_service_namespace', 'destination_service_name'],
  ],

  // A caller and the service that it calls, whatever answers.
  workloadToService: [
    caller,
    ['destination_service_namespace', 'destination_service_name'],
  ],

  // What is called a dependency. Of apps, not workloads, because a new version of an app is no news; and on services,
  // not on what stands behind them, because that becomes unknown when it dies, and changes at a failover.
  dependency: [
    ['source_cluster', 'source_workload_namespace', 'source_canonical_service'],
    ['destination_service_namespace', 'destination_service_name'],
  ],

  // A workload, as series of workloads name it.
  workload: [['workload_cluster', 'workload_namespace', 'workload_name']],

  // The workload that is called.
  destination: [['destination_cluster', 'destination_workload_namespace', 'destination_workload']],

  // The service that is called, and from which cluster: a name may be of different services in different ones.
  service: [['source_cluster', 'destination_service_namespace', 'destination_service_name']],

  // Whose fault it is.
  origin: [['origin_cluster', 'origin_namespace', 'origin_name']],

  // "by (…)" with one line for each list of labels.
  by(lines, keyword='by'):: keyword + ' (\n  ' + std.join(',\n  ', [std.join(', ', line) for line in lines]) + '\n)',
}
