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

// One value, which stands in PromQL as quoted() writes it.
local one(name, label, metric, of) = values(name, label, metric, of) + {
  multi: false,
  includeAll: false,
  allValue: null,
  current: {},
};

local quoted(name) = '${%s:doublequote}' % name;

local workloads = 'meshscope_workload_info{workload_cluster=~"$cluster", workload_namespace=%s}' % quoted('namespace');

// Edges of what has been chosen of an edge before.
local edges(chosen) = 'meshscope_edge_info{%s}' % std.join(', ', ['%s=%s' % [label, quoted(chosen[label])] for label in std.objectFields(chosen)]);
local source = {
  source_cluster: 'source_cluster',
  source_workload_namespace: 'source_namespace',
  source_workload: 'source_workload',
};

// The values of a label in the result of a query, for what has no label of its own: the name of a destination is that of
// its workload, or of its service where no workload is known.
local destinations(name, label, ofWorkload, ofService, chosen) =
  local named(matcher, from) =
    'label_replace(last_over_time(meshscope_edge_info{%s}[$__range]), "%s", "$1", "%s", "(.*)")' % [
      std.join(', ', ['%s=%s' % [l, quoted(source[l])] for l in std.objectFields(source)] + ['destination_cluster=' + quoted('destination_cluster')] + matcher),
      name,
      from,
    ];
  local query = 'query_result(group by (%s) (%s or %s))' % [
    name,
    named(['destination_workload!="unknown"'] + chosen('destination_workload_namespace'), ofWorkload),
    named(['destination_workload="unknown"'] + chosen('destination_service_namespace'), ofService),
  ];
  one(name, label, '', '') + {
    definition: query,
    query: { qryType: 3, query: query, refId: 'values' },
    regex: '/^\\{%s="(.*)"\\} \\S+ \\S+$/' % name,
  };

{
  // the value of a variable of which one is chosen, as a text in PromQL
  quoted:: quoted,

  prometheus: datasource('datasource', 'Data source', 'prometheus'),
  meshscope: datasource('meshscope', 'Meshscope', 'meshscope-topology-datasource'),

  // Workloads at either end of an edge.
  cluster: values('cluster', 'Cluster', 'meshscope_workload_info', 'workload_cluster'),
  namespace: values('namespace', 'Namespace', 'meshscope_workload_info{workload_cluster=~"$cluster", workload_namespace!="unknown"}', 'workload_namespace'),

  level: {
    type: 'custom',
    name: 'level',
    label: 'Graph of',
    query: 'namespaces : namespace, workloads : workload, apps : app, versions of apps : versionedApp, services : service, clusters : cluster',
    current: { text: 'namespaces', value: 'namespace' },  // of a mesh of any size, a picture that can be read
  },

  // The exporters, as targets.
  job: values('job', 'Job', 'meshscope_leader', 'job'),
  instance: values('instance', 'Instance', 'meshscope_leader{job=~"$job"}', 'instance'),

  // What a dashboard hands on, and does not look at.
  hidden(variable):: variable { hide: 2 },

  // One namespace, and one workload of it.
  oneNamespace: one('namespace', 'Namespace', 'meshscope_workload_info{workload_cluster=~"$cluster", workload_namespace!="unknown"}', 'workload_namespace'),
  workload: one('workload', 'Workload', workloads, 'workload_name'),

  // One edge, from its source on.
  edge: [
    one('source_cluster', 'From cluster', 'meshscope_edge_info', 'source_cluster'),
    one('source_namespace', 'Namespace', edges({ source_cluster: 'source_cluster' }), 'source_workload_namespace'),
    one('source_workload', 'Workload', edges(source { source_workload:: null }), 'source_workload'),
    one('destination_cluster', 'To cluster', edges(source), 'destination_cluster'),
    destinations('destination_namespace', 'Namespace', 'destination_workload_namespace', 'destination_service_namespace', function(label) []),
    destinations('destination', 'Destination', 'destination_workload', 'destination_service_name', function(label) ['%s=%s' % [label, quoted('destination_namespace')]]),
  ],
}
