// One workload: its verdict, whose fault that is, who calls it and what it calls.
local dashboard = import 'lib/dashboard.libsonnet';
local edges = import 'lib/edges.libsonnet';
local edgeTable = import 'lib/edgetable.libsonnet';
local layout = import 'lib/layout.libsonnet';
local links = import 'lib/links.libsonnet';
local panels = import 'lib/panels.libsonnet';
local queries = import 'lib/queries.libsonnet';
local thresholds = import 'lib/thresholds.libsonnet';
local variables = import 'lib/variables.libsonnet';
local workloads = import 'lib/workloads.libsonnet';

local inbound = edges.workload.inbound, outbound = edges.workload.outbound, its = workloads.one;
local failed = 'that failed for their callers: HTTP 4xx and 5xx, a gRPC status other than OK, no response';
local minute = '1m';  // durations grow by the minute

local originOf = links.workload(links.serie('origin_cluster'), links.serie('origin_namespace'), links.serie('origin_name'));

local verdict = panels.stat(
  id=1,
  title='Health',
  description='The verdict on the workload: of what it is asked, or of what it asks, more fails than is tolerated, or none of its pods is available. Few requests are not judged.',
  query=queries.number(its.verdict),
  unit='short',
  noValue='Not judged',
  mappings=thresholds.health,
);

local fault = panels.stat(
  id=2,
  title='Whose fault',
  description='Of a workload that fails: the workload at fault, which may be itself. What it depends on fails first; a click leads there.',
  query=queries.named(its.fault, '{{fault}}'),
  unit='short',
  noValue='–',
  steps=thresholds.any,
  textMode='name',
  links=[originOf],
);

local requests = panels.stat(
  id=3,
  title='Requests in',
  description='HTTP and gRPC requests to the workload, each counted once.',
  query=queries.number(inbound.requests()),
  unit='reqps',
  noValue='None',
);

local errorRatio = panels.stat(
  id=4,
  title='Errors in',
  description='Share of the requests to the workload %s.' % failed,
  query=queries.number(inbound.errorRatio()),
  unit='percentunit',
  noValue='No requests',
  steps=thresholds.errorRatio(),
);

local p95 = panels.stat(
  id=5,
  title='p95 in',
  description='The time in which 95 % of the requests to the workload were answered.',
  query=queries.number(inbound.latency(0.95), every=minute),
  unit='s',
  noValue='No durations',
);

local pods = panels.stat(
  id=6,
  title='Pods missing',
  description='Pods of the workload that are wanted and not available, where Kubernetes tells.',
  query=queries.number('clamp_min(%s - %s, 0)' % [its.replicas('desired'), its.replicas('available')]),
  unit='short',
  noValue='Not known',
  steps=thresholds.any,
);

// A focus alone says what is meant.
local only = {
  namespaces: [],
  focus: { kind: 'workload', cluster: '', namespace: '$namespace', name: '$workload', depth: 1, direction: 'both' },
};

local graph = panels.nodeGraph(
  id=9,
  title='Around $workload',
  description='The workload, what calls it and what it calls, over the whole range. Rings tell how the calls to a node ended; what fails is filled with red.',
  query=queries.graph({ level: 'workload' } + only),
);

local responses(id, title, description, of) = panels.timeSeries(
  id=id,
  title=title,
  description=description,
  targets=[queries.lines(of.responses(), '{{response}}')],
  unit='reqps',
  noValue='No requests',
  custom={ stacking: { mode: 'normal', group: 'A' }, fillOpacity: 25 },
  overrides=thresholds.responses,
);

local responsesIn = responses(10, 'Requests in, by response', "HTTP and gRPC requests to the workload by what they ended with: the code, the gRPC status, and Envoy's flags where there are any.", inbound);
local responsesOut = responses(11, 'Requests out, by response', "HTTP and gRPC requests of the workload by what they ended with: the code, the gRPC status, and Envoy's flags where there are any.", outbound);

local health = panels.timeline(
  id=12,
  title='Health over time',
  description='The verdict on the workload over time. Without an exporter that has judged it, there is a gap.',
  targets=[queries.lines(its.verdict, 'health')],
  noValue='Not judged',
  mappings=thresholds.verdicts,
);

local table = edgeTable(
  id=13,
  title='Edges',
  description='All calls and connections to and from the workload, the worst first, over the whole range.',
  options=only { filter: std.join(' || ', ['(%(end)s.namespace == "$namespace" && %(end)s.name == "$workload")' % { end: end } for end in ['source', 'target']]) },
  noValue='No traffic',
);

// What there is of each peer, in one direction.
local byPeer(id, way, of, legend, end) =
  local by = [
    'source_cluster',
    'source_workload_namespace',
    'source_workload',
    'destination_cluster',
    'destination_service_namespace',
    'destination_service_name',
    'destination_workload',
  ];
  local who = if way == 'in' then 'to the workload' else 'of the workload';
  local lines(expr, every='') = [queries.lines(edges.destination('topk(10, %s)' % expr), legend, every)];
  local edge = links.edge(
    links.serie('source_cluster'),
    links.serie('source_workload_namespace'),
    links.serie('source_workload'),
    links.serie('destination_cluster'),
    links.serie('destination_service_namespace'),
    links.serie('destination'),
  );
  [
    panels.timeSeries(
      id=id,
      title='Requests %s, by %s' % [way, end],
      description='HTTP and gRPC requests %s, by %s: the ten with the most.' % [who, end],
      targets=lines(of.requests(by)),
      unit='reqps',
      noValue='No requests',
      links=[edge],
    ),
    panels.timeSeries(
      id=id + 1,
      title='Error ratio %s, by %s' % [way, end],
      description='Share of the requests %s %s, by %s: the ten where it is highest.' % [who, failed, end],
      targets=lines(of.errorRatio(by)),
      unit='percentunit',
      noValue='No requests',
      custom={ axisSoftMax: 0.05 },
      links=[edge],
    ),
    panels.timeSeries(
      id=id + 2,
      title='Latency p95 %s, by %s' % [way, end],
      description='The time in which 95 %% of the requests %s were answered, by %s: the ten that are slowest.' % [who, end],
      targets=lines(of.latency(0.95, by), minute),
      unit='s',
      noValue='No durations',
      links=[edge],
    ),
  ];

local quantiles(id, way, of) = panels.timeSeries(
  id=id,
  title='Latency ' + way,
  description='The time in which half, 95 % and 99 % of the requests ' + (if way == 'in' then 'to the workload' else 'of the workload') + ' were answered.',
  targets=[queries.lines(of.latency(q), 'p%d' % (100 * q), every=minute) for q in [0.5, 0.95, 0.99]],
  unit='s',
  noValue='No durations',
);

local throughput = panels.timeSeries(
  id=22,
  title='Throughput',
  description='Bytes of bodies of HTTP and gRPC and of TCP connections, to the workload and of it: from client to server above zero, back below it.',
  targets=[
    queries.lines(of[1].throughput(way), '%s, %s' % [of[0], way])
    for of in [['in', inbound], ['out', outbound]]
    for way in ['request', 'response']
  ],
  unit='Bps',
  noValue='No bytes',
  min=null,
  overrides=panels.below('/response$/'),
);

local mtlsShare = panels.timeSeries(
  id=23,
  title='Mutual TLS',
  description='Share of the requests and connections to the workload and of it that came by mutual TLS, as far as it is known.',
  targets=[
    queries.lines(inbound.mtlsShare(), 'in'),
    queries.lines(outbound.mtlsShare(), 'out'),
  ],
  unit='percentunit',
  noValue='Not known',
  custom={ fillOpacity: 0 },
  max=1,
);

local replicas = panels.timeSeries(
  id=24,
  title='Pods',
  description='Pods of the workload that are wanted, and that are available, where Kubernetes tells.',
  targets=[
    queries.lines(its.replicas('desired'), 'wanted'),
    queries.lines(its.replicas('available'), 'available'),
  ],
  unit='short',
  noValue='Kubernetes does not tell',
  custom={ fillOpacity: 0, lineInterpolation: 'stepAfter' },
);

dashboard(
  uid='meshscope-workload',
  title='Meshscope / Workload',
  description='One workload: its verdict, whose fault that is, who calls it and what it calls.',
  variables=[variables.prometheus, variables.meshscope, variables.cluster, variables.oneNamespace, variables.workload],
  panels=layout.panels([
    layout.even(3, [verdict, fault, requests, errorRatio, p95, pods]),
    layout.row(18, [layout.stack(17, [graph]), layout.stack(7, [responsesIn, responsesOut, quantiles(20, 'in', inbound)])]),
    layout.even(3, [health]),
    layout.even(8, [table]),
    layout.even(8, byPeer(14, 'in', inbound, '{{source_workload}}', 'source')),
    layout.even(8, byPeer(17, 'out', outbound, '{{destination}}', 'destination')),
    layout.even(7, [quantiles(21, 'out', outbound), throughput, mtlsShare, replicas]),
  ]),
)
