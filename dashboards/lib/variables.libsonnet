// The variables of dashboards.
local datasource(name, label, plugin) = {
  type: 'datasource',
  name: name,
  label: label,
  query: plugin,
  refresh: 1,
};

// Values of a label, of which some or all are chosen. `.*` for all keeps
// queries short and cheap.
local values(name, label, metric, of) = {
  local query = 'label_values(%s, %s)' % [metric, of],

  type: 'query',
  name: name,
  label: label,
  datasource: { type: 'prometheus', uid: '${datasource}' },
  definition: query,
  query: { qryType: 1, query: query, refId: 'values' },
  refresh: 2,  // with the time range: what was there then
  sort: 5,  // by name
  multi: true,
  includeAll: true,
  allValue: '.*',
  current: { text: ['All'], value: ['$__all'] },
};

{
  prometheus: datasource('datasource', 'Data source', 'prometheus'),
  meshscope: datasource('meshscope', 'Meshscope', 'meshscope-topology-datasource'),

  // Workloads at either end of an edge.
  cluster: values('cluster', 'Cluster', 'meshscope_workload_info', 'workload_cluster'),
  namespace: values('namespace', 'Namespace', 'meshscope_workload_info{workload_cluster=~"$cluster", workload_namespace!="unknown"}', 'workload_namespace'),

  level: {
    type: 'custom',
    name: 'level',
    label: 'Graph of',
    query: 'workloads : workload, apps : app, versions of apps : versionedApp, services : service, namespaces : namespace, clusters : cluster',
    current: { text: 'workloads', value: 'workload' },
  },
}
