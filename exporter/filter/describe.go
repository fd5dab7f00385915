package filter

// Field describes a field of the language.
type Field struct {
	Name string
	// Of is edge, or node: the latter's are those of source and target, too.
	Of string
	// Type is number, text, boolean, list or labels.
	Type string
	// Doc says in one sentence what it is.
	Doc string
}

// Function describes a function or an operator of the language.
type Function struct{ Name, Doc string }

// Fields are all fields: those of edges first, each list in its own order.
func Fields() []Field {
	return append(describe(ofEdge, edgeFields, edgeDocs), describe(ofNode, nodeFields, nodeDocs)...)
}

func describe[T any](of subject, fields []field[T], docs map[string]string) []Field {
	all := make([]Field, len(fields))
	for i, f := range fields {
		all[i] = Field{Name: f.name, Of: string(of), Type: typeNames[f.kind], Doc: docs[f.name]}
	}
	return all
}

var typeNames = map[kind]string{number: "number", text: "text", flag: "boolean", list: "list", labels: "labels"}

// Functions are all functions.
func Functions() []Function {
	return []Function{{knownName, "True if a value is known: a number that is there, a text that is neither empty nor unknown."}}
}

// Operators are all operators.
func Operators() []Function {
	return []Function{
		{"==", "Equal."},
		{"!=", "Not equal. Of comparisons it alone is true of a number that is not known."},
		{"<", "Less; also in chains: 0.1 < edge.p95 < 1."},
		{"<=", "Less or equal."},
		{">", "Greater."},
		{">=", "Greater or equal."},
		{"&&", "Both; also written and."},
		{"||", "Either; also written or."},
		{"!", "Not; also written not, as in not in."},
		{"in", `Is one of a list: node.namespace in ["shop", "pay"], "503" in edge.codes.`},
		{"contains", "Has a text in it."},
		{"startsWith", "Begins with a text."},
		{"endsWith", "Ends with a text."},
		{"matches", `Matches a regular expression (RE2): node.name matches "^cart-v[0-9]+$".`},
		{"+", "Adds numbers, joins texts."},
		{"-", "Subtracts."},
		{"*", "Multiplies."},
		{"/", "Divides."},
		{"**", "Raises to a power."},
	}
}

var edgeDocs = map[string]string{
	"protocol":              "http, grpc or tcp.",
	"requestRate":           "Requests per second; unknown for TCP.",
	"errorRatio":            "The part of the requests that failed for their caller: HTTP 4xx and 5xx, a gRPC status other than 0, no response.",
	"ratio3xx":              "The part of the requests that ended with a code 3xx.",
	"ratio4xx":              "The part of the requests that ended with a code 4xx.",
	"ratio5xx":              "The part of the requests that ended with a code 5xx.",
	"ratioGRPCError":        "The part of the requests that ended with a gRPC status other than 0, or an HTTP error in its place.",
	"ratioNoResponse":       "The part of the requests that ended without a response.",
	"health":                "The verdict: 0 healthy, 1 not ready, 2 degraded, 3 failure.",
	"share":                 "The part that the edge has in what its source calls by the same protocol.",
	"avg":                   "Mean duration of requests, in seconds.",
	"p50":                   "Median duration of requests, in seconds.",
	"p95":                   "95th percentile of the durations of requests, in seconds.",
	"p99":                   "99th percentile of the durations of requests, in seconds.",
	"requestBytesRate":      "Bytes per second from client to server: of bodies, or over TCP.",
	"responseBytesRate":     "Bytes per second from server to client: of bodies, or over TCP.",
	"requestMessagesRate":   "gRPC messages per second from client to server.",
	"responseMessagesRate":  "gRPC messages per second from server to client.",
	"connectionsOpenedRate": "TCP connections opened per second.",
	"connectionsClosedRate": "TCP connections closed per second.",
	"mutualTLSShare":        "The part of the traffic of known security that had mutual TLS.",
	"sourcePrincipal":       "The source's identity (SPIFFE) with the most traffic.",
	"destinationPrincipal":  "The destination's identity (SPIFFE) with the most traffic.",
	"services":              "The hosts that were called.",
	"codes":                 `The response codes of the range, "0" for no response.`,
	"grpcStatuses":          "The gRPC statuses of the range.",
	"flags":                 `Envoy's response flags of the range: "UO" in edge.flags is an open circuit breaker.`,
	"reporters":             "Whose reports the numbers are from: source, waypoint, destination.",
	"hasTraffic":            "False of idle edges.",
}

var nodeDocs = map[string]string{
	"kind":               "workload, app, service, operation, namespace, cluster or unknown.",
	"cluster":            "The cluster.",
	"namespace":          "The namespace; empty for clusters.",
	"name":               "The name of what the node stands for.",
	"workload":           "The workload, where one is known.",
	"app":                "The canonical service, where one is known.",
	"version":            "The canonical revision, where one is known.",
	"service":            "The service, where one is known.",
	"operation":          "The name of an operation.",
	"requestRateIn":      "Requests per second into the node, HTTP and gRPC together.",
	"requestRateOut":     "Requests per second that the node makes, HTTP and gRPC together.",
	"httpIn":             "HTTP requests per second into the node.",
	"httpOut":            "HTTP requests per second that the node makes.",
	"grpcIn":             "gRPC requests per second into the node.",
	"grpcOut":            "gRPC requests per second that the node makes.",
	"tcpIn":              "Bytes per second over TCP from clients to the node.",
	"tcpOut":             "Bytes per second over TCP from the node to servers.",
	"errorRatioIn":       "The part of the requests into the node that failed.",
	"errorRatioOut":      "The part of the node's own requests that failed.",
	"avgIn":              "Mean duration of the requests into the node, in seconds.",
	"p50In":              "Median duration of the requests into the node, in seconds.",
	"p95In":              "95th percentile of the durations of the requests into the node, in seconds.",
	"p99In":              "99th percentile of the durations of the requests into the node, in seconds.",
	"mutualTLSShareIn":   "The part of the traffic of known security into the node that had mutual TLS.",
	"callers":            "How many other nodes call it.",
	"callees":            "How many other nodes it calls.",
	"rankIn":             "Its place among all nodes by edges into it: 1 has the most.",
	"rankOut":            "Its place among all nodes by edges out of it: 1 has the most.",
	"rank":               "Its place among all nodes by edges into it and out of it: 1 has the most.",
	"root":               "It calls, and nothing calls it.",
	"outside":            "It is not of the namespaces and clusters that were asked for.",
	"inaccessible":       "Nothing in the mesh is behind it: unknown callers and hosts, PassthroughCluster, BlackHoleCluster.",
	"idle":               "It has no traffic.",
	"waypoint":           "It is a waypoint of an ambient mesh.",
	"injected":           "It is a service that was put between callers and workloads.",
	"health":             "The verdict: 0 healthy, 1 not ready, 2 degraded, 3 failure.",
	"healthy":            "Its verdict is healthy.",
	"objectKind":         "Kubernetes' kind of what backs it, such as Deployment or Service.",
	"dataplane":          "How it is part of the mesh: sidecar, ambient, gateway, waypoint, or none.",
	"labels":             `The labels of a workload's pods, or of a service: node.labels["team"] == "pay".`,
	"replicasDesired":    "Pods that are wanted.",
	"replicasAvailable":  "Pods that are ready.",
	"dead":               "It has no pods, and no traffic.",
	"outOfMesh":          "It is no part of the mesh: no sidecar, not ambient, no gateway, no waypoint.",
	"gateway":            "A Gateway configures it.",
	"serviceEntry":       "A ServiceEntry declares it.",
	"workloadEntry":      "A WorkloadEntry has its labels.",
	"virtualService":     "A VirtualService routes to it.",
	"circuitBreaker":     "Calls to it are configured with a circuit breaker.",
	"faultInjection":     "Calls to it are configured with faults.",
	"mirroring":          "Calls to it are configured with mirroring.",
	"requestRouting":     "Calls to it are routed by what they ask for.",
	"requestTimeout":     "Calls to it are configured with a timeout.",
	"trafficShifting":    "Calls to it are configured with weights.",
	"tcpTrafficShifting": "TCP connections to it are configured with weights.",
}
