// One edge: what one workload calls of another, or of a service.
local dashboard = import 'lib/dashboard.libsonnet';
local edges = import 'lib/edges.libsonnet';
local layout = import 'lib/layout.libsonnet';
local links = import 'lib/links.libsonnet';
local panels = import 'lib/panels.libsonnet';
local queries = import 'lib/queries.libsonnet';
local thresholds = import 'lib/thresholds.libsonnet';
local variables = import 'lib/variables.libsonnet';

local edge = edges.edge;
local failed = 'that failed for their caller: HTTP 4xx and 5xx, a gRPC status other than OK, no response';
local minute = '1m';  // durations grow by the minute

local verdict = panels.stat(
  id=1,
  title='Health',
  description='The verdict on the edge, the worst of its protocols.',
  query=queries.number(edge.health),
  unit='short',
  noValue='Not judged',
  mappings=thresholds.health,
);

local requests = panels.stat(
  id=2,
  title='Requests',
  description='HTTP and gRPC requests from the source to the destination, each counted once.',
  query=queries.number(edge.requests()),
  unit='reqps',
  noValue='No requests',
);

local errorRatio = panels.stat(
  id=3,
  title='Error ratio',
  description='Share of the requests %s.' % failed,
  query=queries.number(edge.errorRatio()),
  unit='percentunit',
  noValue='No requests',
  steps=thresholds.errorRatio(),
);

local p95 = panels.stat(
  id=4,
  title='p95',
  description='The time in which 95 % of the requests were answered.',
  query=queries.number(edge.latency(0.95), every=minute),
  unit='s',
  noValue='No durations',
);

local mtls = panels.stat(
  id=5,
  title='Mutual TLS',
  description='Share of the requests and connections that came by mutual TLS, as far as it is known.',
  query=queries.number(edge.mtlsShare()),
  unit='percentunit',
  noValue='Not known',
  steps=thresholds.mtlsOfEdge,
);

local connections = panels.stat(
  id=6,
  title='Connections',
  description='TCP connections that were opened from the source to the destination, per second.',
  query=queries.number(edge.bytes('meshscope_edge_tcp_connections_opened_total')),
  unit='cps',
  noValue='No TCP',
);

local from = '%(end)s.cluster == "$source_cluster" && %(end)s.namespace == "$source_namespace" && %(end)s.name == "$source_workload"';
local to = '%(end)s.cluster == "$destination_cluster" && %(end)s.namespace == "$destination_namespace" && %(end)s.name == "$destination"';
local at(names, end) = '(%s)' % names % { end: end };

local graph = panels.nodeGraph(
  id=7,
  title='Both ends, and their neighbours',
  description='The source and the destination with what calls them and what they call, over the whole range. The edge itself is blue.',
  query=queries.graph({
    level: 'workload',
    namespaces: [],
    clusters: [],
    filter: std.join(' || ', [at(from, 'source'), at(from, 'target'), at(to, 'source'), at(to, 'target')]),
    highlight: at(from, 'source') + ' && ' + at(to, 'target'),
    limit: 40,
  }),
);

local responses = panels.timeSeries(
  id=8,
  title='Requests by response',
  description="HTTP and gRPC requests by what they ended with: the code, the gRPC status, and Envoy's flags where there are any.",
  targets=[queries.lines(edge.responses(), '{{response}}')],
  unit='reqps',
  noValue='No requests',
  custom={ stacking: { mode: 'normal', group: 'A' }, fillOpacity: 25 },
  overrides=thresholds.responses,
);

local errors = panels.timeSeries(
  id=9,
  title='Error ratio',
  description='Share of the requests %s.' % failed,
  targets=[queries.lines(edge.errorRatio(), 'error ratio')],
  unit='percentunit',
  noValue='No requests',
  custom={ axisSoftMax: 0.05 },
  overrides=panels.fixed('/./', 'red'),
);

local health = panels.timeline(
  id=10,
  title='Health over time',
  description='The verdict on the edge over time. Without an exporter that has judged it, there is a gap.',
  targets=[queries.lines(edge.health, 'health')],
  noValue='Not judged',
  mappings=thresholds.verdicts,
);

local latency = panels.timeSeries(
  id=11,
  title='Latency',
  description='The time in which half, 95 % and 99 % of the requests were answered.',
  targets=[queries.lines(edge.latency(q), 'p%d' % (100 * q), every=minute) for q in [0.5, 0.95, 0.99]],
  unit='s',
  noValue='No durations',
);

local durations = panels.heatmap(
  id=12,
  title='Requests by duration',
  description='How many requests per second took how long: the stronger the colour, the more. What took over 10 s is one row.',
  query=queries.lines(edge.durations(), '{{le}}', every=minute),
  unit='s',
  noValue='No durations',
);

local throughput = panels.timeSeries(
  id=13,
  title='Throughput',
  description='Bytes of bodies of HTTP and gRPC, and of TCP connections: from client to server above zero, back below it.',
  targets=[
    queries.lines(edge.bytes('meshscope_edge_request_bytes_total'), 'bodies, request'),
    queries.lines(edge.bytes('meshscope_edge_response_bytes_total'), 'bodies, response'),
    queries.lines(edge.tcp('meshscope_edge_tcp_request_bytes_total'), 'TCP, request'),
    queries.lines(edge.tcp('meshscope_edge_tcp_response_bytes_total'), 'TCP, response'),
  ],
  unit='Bps',
  noValue='No bytes',
  min=null,
  overrides=panels.below('/response$/'),
);

local sizes = panels.timeSeries(
  id=14,
  title='Mean size',
  description='Bytes of the body of a request, and of its response, in the mean.',
  targets=[
    queries.lines(edge.meanSize('meshscope_edge_request_bytes_total'), 'request'),
    queries.lines(edge.meanSize('meshscope_edge_response_bytes_total'), 'response'),
  ],
  unit='bytes',
  noValue='No requests',
);

local mtlsShare = panels.timeSeries(
  id=15,
  title='Mutual TLS',
  description='Share of the requests and connections that came by mutual TLS, as far as it is known.',
  targets=[queries.lines(edge.mtlsShare(), 'mutual TLS')],
  unit='percentunit',
  noValue='Not known',
  custom={ fillOpacity: 0 },
  max=1,
);

dashboard(
  uid='meshscope-edge',
  title='Meshscope / Edge',
  description='One edge: what one workload calls of another, or of a service.',
  variables=[variables.prometheus, variables.meshscope] + variables.edge + [variables.hidden(variables.cluster), variables.hidden(variables.namespace)],
  panels=layout.panels([
    layout.even(3, [verdict, requests, errorRatio, p95, mtls, connections]),
    layout.row(18, [layout.stack(17, [graph]), layout.stack(7, [responses, errors, latency])]),
    layout.even(3, [health]),
    layout.even(8, [durations, throughput]),
    layout.even(7, [sizes, mtlsShare]),
  ]),
  top=links.edgeTop(),
)
