// The traffic of edges, each call counted once: of those that the variables cluster and namespace select, of one
// workload, or of one edge.
local promql = import 'promql.libsonnet';
local variables = import 'variables.libsonnet';

// A service is known even of calls that reached no workload. By workloads, a
// namespace would look idle just when nothing of it is left.
local toServices = ['destination_cluster=~"$cluster"', 'destination_service_namespace=~"$namespace"'];

// Connections between addresses have no service. That they were made, and how
// safely, is only known where they reached a workload.
local toWorkloads = ['destination_cluster=~"$cluster"', 'destination_workload_namespace=~"$namespace"'];

// Where all is selected, the last two have no series: then the three cost no
// more than the first.
local touching = [
  toServices,
  ['source_cluster=~"$cluster"', 'source_workload_namespace=~"$namespace"', 'destination_service_namespace!~"$namespace"'],
  ['source_cluster=~"$cluster"', 'source_workload_namespace=~"$namespace"', 'destination_cluster!~"$cluster"'],
];

// One value of a variable, whatever characters it has.
local is(label, variable) = label + '=' + variables.quoted(variable);

local ofCluster(end) = end + '_cluster=~"$cluster"';

// A label that is of the selected namespaces, or of none of them.
local among(label) = label + '=~"$namespace"';
local outside(label) = label + '!~"$namespace"';
local ofWorkloads = [ofCluster('source'), among('source_workload_namespace')];

// Of one workload, which is in the variables namespace and workload.
local workload(end) = [ofCluster(end), is(end + '_workload_namespace', 'namespace'), is(end + '_workload', 'workload')];

// Of one edge, by the variables of both its ends. The destination is a workload, with the calls to a service of its name
// that reached none: those fail just when the workload is gone. Or it is a service of which no workload is known, or
// `unknown`: whatever of the namespace reached none.
local source = [is('source_cluster', 'source_cluster'), is('source_workload_namespace', 'source_namespace'), is('source_workload', 'source_workload')];
local toDestination = source + [is('destination_cluster', 'destination_cluster')];
local edge = [
  toDestination + [is('destination_workload_namespace', 'destination_namespace'), is('destination_workload', 'destination')],
  toDestination + [is('destination_service_namespace', 'destination_namespace'), is('destination_workload', 'destination')],
  toDestination + [is('destination_service_namespace', 'destination_namespace'), is('destination_service_name', 'destination'), 'destination_workload="unknown"'],
];

// What failed for its caller: 4xx, 5xx and no response, and a gRPC status other
// than OK. exporter/topology/outcome.go says the same, and a test compares them.
local errors = [
  ['response_code=~"[45]..|0|-"'],
  ['request_protocol="grpc"', 'grpc_response_status!~"0|"'],
];

local any = [[]];

// What goes from and to waypoints carries calls, which have edges of their own.
// Series need the names of both ends.
local withoutHops(vector) =
  local named(vector, end) =
    'label_join(%(vector)s, "%(end)s", "/", "%(end)s_cluster", "%(end)s_workload_namespace", "%(end)s_workload")' % { vector: vector, end: end };
  local waypoints(end) =
    'label_join(meshscope_workload_info{dataplane="waypoint"}, "%s", "/", "workload_cluster", "workload_namespace", "workload_name")' % end;
  std.join('\n', [
    named(named(vector, 'source'), 'destination'),
    'unless on (source) ' + waypoints('source'),
    'unless on (destination) ' + waypoints('destination'),
  ]);

// What a request ended with, in one label: the code, the status where there is one, and flags that are some.
local ended = ['response_code', 'grpc_response_status', 'response_flags'];
local named(vector) =
  local spaced(vector, to, text, from, pattern) =
    'label_replace(\n%s,\n  "%s", "%s", "%s", "%s"\n)' % [promql.indented(vector), to, text, from, pattern];
  'label_join(\n%s,\n  "response", "", "response_code", "status", "flags"\n)' % promql.indented(
    spaced(spaced(vector, 'status', ' gRPC $1', 'grpc_response_status', '(.+)'), 'flags', ' $1', 'response_flags', '([^-].*)')
  );

// The name of a destination in the label `destination`: its workload's, or its service's where no workload is known.
local destination(vector) = std.foldl(
  function(text, rule) 'label_replace(\n%s,\n  "destination", "%s", "destination", "%s"\n)' % [promql.indented(text), rule[0], rule[1]],
  [['$1', 'unknown (.*)'], ['$1', '([^ ]+) .*']],
  'label_join(\n%s,\n  "destination", " ", "destination_workload", "destination_service_name"\n)' % promql.indented(vector),
);

// of is the traffic of a selection: of edges that have all matchers of one or
// another list.
local of(selection) = {
  // Per second, of a counter; kinds are lists of matchers, like the selection.
  local rates(metric, over, kinds=any) = [promql.rate(metric, kind + part, over) for kind in kinds for part in selection],
  local total(metric, by, over, kinds=any) = promql.sum(by, promql.union(rates(metric, over, kinds))),

  // With zeros from the whole: without them, what has no series of the part
  // would be absent where it should be 0.
  local partOf(metric, by, over, kinds, whole) =
    promql.sum(by, promql.union(rates(metric, over, kinds) + ['0 * ' + vector for vector in rates(metric, over, whole)])),

  requests(by=[], over='$__rate_interval'):: total('meshscope_edge_requests_total', by, over),

  errors(by=[], over='$__rate_interval'):: partOf('meshscope_edge_requests_total', by, over, errors, any),

  errorRatio(by=[], over='$__rate_interval'):: promql.ratio(self.errors(by, over), self.requests(by, over)),

  // in seconds
  latency(q, by=[], over='$__rate_interval')::
    promql.quantile(q, total('meshscope_edge_request_duration_seconds_bucket', by + ['le'], over)),

  // of requests and connections, as far as it is known how they came
  mtlsShare(by=[], over='$__rate_interval')::
    local metric = 'meshscope_edge_secured_total', known = [['connection_security_policy!="unknown"']];
    promql.ratio(
      partOf(metric, by, over, [['connection_security_policy="mutual_tls"']], known),
      total(metric, by, over, known),
    ),

  // requests by what they ended with, as `503 UH` or `200 gRPC 14`, in the label `response`
  responses(over='$__rate_interval'):: promql.sum(['response'], named(self.requests(ended, over))),

  // requests in each bucket of durations; those over 10 s are one
  durations(over='$__rate_interval'):: promql.sum(['le'], promql.union(rates('meshscope_edge_request_duration_seconds_bucket', over, [[@'le=~"[0-9]([.][0-9]+)?|10([.]0)?|[+]Inf"']]))),

  // bytes per second of what a counter counts
  bytes(metric, by=[], over='$__rate_interval'):: total(metric, by, over),

  // bytes per second of bodies and of TCP, of requests or of responses: from client to server, or back
  throughput(way, over='$__rate_interval')::
    promql.sum([], promql.union(
      rates('meshscope_edge_%s_bytes_total' % way, over) +
      [withoutHops(promql.enclosed(promql.union(rates('meshscope_edge_tcp_%s_bytes_total' % way, over))))]
    )),

  // per request
  meanSize(metric, over='$__rate_interval'):: promql.ratio(total(metric, [], over), self.requests([], over)),

  // bytes of TCP per second, without what carries calls through waypoints
  tcp(metric, by=[], over='$__rate_interval'):: promql.sum(by, withoutHops(promql.enclosed(promql.union(rates(metric, over))))),
};

{
  destination:: destination,

  // calls to services of the selected namespaces
  toServices: of([toServices]),

  // calls and connections to workloads of the selected namespaces
  toWorkloads: of([toWorkloads]),

  // calls from or to the selected namespaces
  touching: of(touching),

  // bytes of TCP per second
  tcp(metric, by):: promql.sum(by, withoutHops(promql.rate(metric, toWorkloads, '$__rate_interval'))),

  // What crosses the border of the selected namespaces, and what does not.
  border: {
    // calls to their services: of others, and their own; and of their workloads to services of others
    fromOthers: of([toServices + [outside('source_workload_namespace')]]),
    within: of([toServices + [among('source_workload_namespace')]]),
    toOthers: of([ofWorkloads + [outside('destination_service_namespace')]]),

    // calls and connections of their workloads to those of others
    reachingOthers: of([ofWorkloads + [outside('destination_workload_namespace')]]),
  },

  // Of the one workload in the variables namespace and workload.
  workload: {
    inbound: of([workload('destination')]),
    outbound: of([workload('source')]),
  },

  // Of the one edge in the variables of both ends.
  edge: of(edge) + { health: promql.aggregate('max', [], promql.union([promql.selector('meshscope_edge_health', part) for part in edge])) },
}
