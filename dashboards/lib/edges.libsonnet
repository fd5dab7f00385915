// The traffic of the edges that the variables cluster and namespace select,
// each call counted once.
local promql = import 'promql.libsonnet';

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

// What failed for its caller: 4xx, 5xx and no response, and a gRPC status other
// than OK. exporter/topology/outcome.go says the same, and a test compares them.
local errors = [
  ['response_code=~"[45]..|0|-"'],
  ['request_protocol="grpc"', 'grpc_response_status!~"0|"'],
];

local any = [[]];

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
};

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

{
  // calls to services of the selected namespaces
  toServices: of([toServices]),

  // calls and connections to workloads of the selected namespaces
  toWorkloads: of([toWorkloads]),

  // calls from or to the selected namespaces
  touching: of(touching),

  // bytes of TCP per second
  tcp(metric, by):: promql.sum(by, withoutHops(promql.rate(metric, toWorkloads, '$__rate_interval'))),
}
