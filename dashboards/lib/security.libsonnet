// How the calls and connections of what the variables cluster and namespace select are secured, and by which identities.
// Calls and connections are counted together, each once; connections when they are opened.
local promql = import 'promql.libsonnet';

local secured = 'meshscope_edge_secured_total';

// To workloads: who answers decides what is let in.
local to = ['destination_cluster=~"$cluster"', 'destination_workload_namespace=~"$namespace"'];

// From the selected workloads to others.
local from = [
  ['source_cluster=~"$cluster"', 'source_workload_namespace=~"$namespace"', 'destination_workload_namespace!~"$namespace"'],
  ['source_cluster=~"$cluster"', 'source_workload_namespace=~"$namespace"', 'destination_cluster!~"$cluster"'],
];

local plaintext = ['connection_security_policy="none"'];
local unknown = ['connection_security_policy="unknown"'];
local known = ['connection_security_policy!="unknown"'];
local mutual = ['connection_security_policy="mutual_tls"'];

// Each edge by the labels that its workloads and its service are known by.
local edge = [
  'source_cluster',
  'source_workload_namespace',
  'source_workload',
  'destination_cluster',
  'destination_workload_namespace',
  'destination_workload',
  'destination_service_name',
];
local protocol = ['request_protocol'];

// What meshscope_edge_info and the counters have in common.
local common = [
  'source_cluster',
  'source_workload_namespace',
  'source_workload',
  'source_canonical_service',
  'source_canonical_revision',
  'destination_cluster',
  'destination_workload_namespace',
  'destination_workload',
  'destination_canonical_service',
  'destination_canonical_revision',
  'destination_service',
  'destination_service_name',
  'destination_service_namespace',
  'request_protocol',
];
local on(labels) = 'on (%s)' % std.join(', ', labels);

local rates(kinds, selection, over) = promql.union([promql.rate(secured, kind + part, over) for kind in kinds for part in selection]);

// With zeros of all, where nothing is of the kind.
local withZeros(kind, whole, selection, over) =
  promql.union([promql.rate(secured, kind + part, over) for part in selection] + ['0 * ' + promql.rate(secured, whole + part, over) for part in selection]);

local touching = [to] + from;
local now = '$__rate_interval', range = '$__range';

local plain(over) = promql.sum(edge + protocol, rates([plaintext], touching, over)) + '\n> 0';
local worst = 'topk(100, %s)' % plain(range);

// Whose identity it is, of each edge once: while one exporter takes over from another there may be two series.
local identity = promql.aggregate(
  'topk', common, '1, ' + promql.aggregate('max', common + ['source_principal'], promql.selector('meshscope_edge_info')),
);
local shortened(label, vector) = 'label_replace(%s, "%s", "$1", "%s", "spiffe://(.+)")' % [vector, label, label];

local caller = ['source_workload_namespace', 'source_workload'];
local answerer = ['destination_workload_namespace', 'destination_workload'];
local byIdentity(vector) = shortened('source_principal', promql.sum(['source_principal'] + caller + answerer, std.join('\n', [
  promql.sum(common, vector),
  '* %s group_left (source_principal)' % on(common),
  identity,
])));
local busiest = 'topk(100, %s)' % byIdentity(rates([[]], touching, range));

local object = ['object_cluster', 'object_kind', 'object_namespace', 'object_name', 'condition'];
local policies = [
  'object_cluster=~"$cluster"',
  'object_namespace=~"$namespace"',
  'object_kind=~"PeerAuthentication|AuthorizationPolicy|RequestAuthentication"',
];
local status(conditions) = promql.aggregate('max', object, promql.selector('meshscope_istio_object_status', policies + conditions));
local validation = 'IST[0-9]+', bad = 'Conflicted|OverlappingTLSConfig|PartiallyInvalid|UnsupportedValue';

{
  // per second
  plaintext(by=[], over=now):: promql.sum(by, withZeros(plaintext, [], [to], over)),
  mutual(by=[], over=now):: promql.sum(by, withZeros(mutual, [], [to], over)),
  unknown(by=[], over=now):: promql.sum(by, withZeros(unknown, [], [to], over)),

  // of those of which it is known
  mutualShare(by=[], over=now):: promql.ratio(promql.sum(by, withZeros(mutual, known, [to], over)), promql.sum(by, rates([known], [to], over))),

  // of all
  unknownShare(over=now):: promql.ratio(self.unknown([], over), promql.sum([], rates([[]], [to], over))),

  // of all: those that nobody vouches for
  anonymousShare(over=now)::
    local all = promql.rate(secured, to, over);
    promql.ratio(
      promql.sum([], promql.union([
        promql.enclosed(all + '\nand %s meshscope_edge_info{source_principal="unknown"}' % on(common)),
        '0 * ' + all,
      ])),
      promql.sum([], all),
    ),

  // How many edges have any plain text over the whole range: 0 where it is known that none has.
  plaintextEdges: promql.union([
    promql.aggregate('count', [], plain(range)),
    '0 * ' + promql.aggregate('count', [], rates([known], touching, range)),
  ]),

  // Workloads that neither a proxy nor ztunnel speaks for: 0 where it is known that there are none.
  outside:
    local workloads(matchers) = promql.aggregate('count', [], promql.aggregate(
      'max',
      ['workload_cluster', 'workload_namespace', 'workload_name'],
      promql.selector('meshscope_workload_info', ['workload_cluster=~"$cluster"', 'workload_namespace=~"$namespace"'] + matchers),
    ));
    promql.union([workloads(['dataplane="none"']), '0 * ' + workloads(['dataplane!=""'])]),

  // The edges with the most plain text over the whole range, and more of each of them.
  worst: worst,
  worstShare: promql.sum(edge + protocol, rates([plaintext], touching, range)) + '\n/\n' +
              promql.sum(edge + protocol, rates([known], touching, range)) + '\nand\n' + worst,
  // in milliseconds, as Grafana has times
  worstSince: std.join('\n', [
    '0 * ' + worst,
    '+ %s group_left ()' % on(edge),
    '1000 * ' + promql.aggregate('min', edge, promql.selector('meshscope_edge_first_seen_timestamp_seconds')),
  ]),

  // Who calls whom as whom over the whole range, for what has the most traffic.
  busiest: busiest,
  busiestShare: byIdentity(withZeros(mutual, known, touching, range)) + '\n/\n' +
                byIdentity(rates([known], touching, range)) + '\nand\n' + busiest,

  // 0: as it should be; 1: what should hold does not, or the other way round; 2: validation has something to say.
  policies: promql.union([
    '2 * ' + status(['condition=~"%s"' % validation]),
    status(['condition=~"%s"' % bad]),
    '1 - ' + status(['condition!~"%s|%s"' % [validation, bad]]),
  ]),
}
