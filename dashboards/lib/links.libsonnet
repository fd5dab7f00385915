// Links from dashboard to dashboard. All keep the time range and the data sources.
//
// A name comes from where a link is: cell(label) of the row of a table, serie(label) of a line, chosen(variable) of a
// variable that has one value. Each is percent-encoded: a name stays a name, whatever is in it. In place of a name, null
// is all that the variable has on the dashboard where the link is.
local dashboards = [
  { uid: 'meshscope-overview', name: 'Overview' },
  { uid: 'meshscope-namespace', name: 'Namespace' },
  { uid: 'meshscope-workload', name: 'Workload' },
  { uid: 'meshscope-edge', name: 'Edge' },
  { uid: 'meshscope-security', name: 'Security' },
  { uid: 'meshscope-changes', name: 'Changes' },
  { uid: 'meshscope-exporter', name: 'Exporter' },
];

local sources = '${datasource:queryparam}&${meshscope:queryparam}';
local kept = sources + '&${__url_time_range}';

local chosen(variable) = '${%s:percentencode}' % variable;

local names(of) = std.join('&', [
  if of[variable] == null then '${%s:queryparam}' % variable else 'var-%s=%s' % [variable, of[variable]]
  for variable in std.objectFields(of)
]);

// A data link. Names are by the variables of the dashboard that it leads to.
local to(uid, title, of) = { title: title, url: '/d/%s?%s&%s' % [uid, names(of), kept] };

local topLink(title, url, includeVars) = {
  type: 'link',
  title: title,
  tooltip: '',
  url: url,
  icon: 'dashboard',
  tags: [],
  asDropdown: false,
  targetBlank: false,
  keepTime: true,
  includeVars: includeVars,
};

{
  cell(label):: '${__data.fields.%s:percentencode}' % label,

  serie(label):: '${__field.labels.%s:percentencode}' % label,

  chosen:: chosen,

  // The links at the top of a dashboard: to all others, with all that its variables say. A workload has one namespace:
  // it gets none of several, or of all.
  top(uid):: [
    if other.name == 'Workload' then
      topLink(other.name, '/d/%s?%s&%s' % [other.uid, sources, names({ cluster: null })], false)
    else topLink(other.name, '/d/' + other.uid, true)
    for other in dashboards
    if other.uid != uid
  ],

  // Of an edge, to its ends rather than to any workload or namespace.
  edgeTop()::
    local ends = [
      { title: 'Source', end: 'source', name: 'source_workload' },
      { title: 'Destination', end: 'destination', name: 'destination' },
    ];
    local of(end, variable) = chosen(end + variable);
    std.flattenArrays([
      if other.name == 'Workload' then
        [
          topLink(e.title, '/d/%s?%s&%s' % [other.uid, sources, names({ cluster: of(e.end, '_cluster'), namespace: of(e.end, '_namespace'), workload: chosen(e.name) })], false)
          for e in ends
        ]
      else if other.name == 'Namespace' then
        [topLink(other.name, '/d/%s?%s&%s' % [other.uid, sources, names({ cluster: of('destination', '_cluster'), namespace: of('destination', '_namespace') })], false)]
      else [topLink(other.name, '/d/' + other.uid, true)]
      for other in dashboards
      if other.name != 'Edge'
    ]),

  // Data links, for `links` of a column of a table or of a time series.
  namespace(cluster, namespace, title='Namespace')::
    to('meshscope-namespace', title, { cluster: cluster, namespace: namespace }),

  workload(cluster, namespace, workload, title='Workload')::
    to('meshscope-workload', title, { cluster: cluster, namespace: namespace, workload: workload }),

  // The destination is a workload, or a service.
  edge(source_cluster, source_namespace, source_workload, destination_cluster, destination_namespace, destination, title='Edge')::
    to('meshscope-edge', title, {
      source_cluster: source_cluster,
      source_namespace: source_namespace,
      source_workload: source_workload,
      destination_cluster: destination_cluster,
      destination_namespace: destination_namespace,
      destination: destination,
    }),

  security(cluster, namespace, title='Security')::
    to('meshscope-security', title, { cluster: cluster, namespace: namespace }),

  changes(cluster, namespace, title='Changes')::
    to('meshscope-changes', title, { cluster: cluster, namespace: namespace }),
}
