package kiali_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/kiali"
	"github.com/meshscope/meshscope/exporter/topology"
)

var now = time.Unix(1_700_000_000, 0).UTC()

func parse(t *testing.T, path string) (kiali.Question, error) {
	t.Helper()
	path, query, _ := strings.Cut(path, "?")
	params, err := url.ParseQuery(query)
	require.NoError(t, err)
	return kiali.Parse(path, params, now)
}

func TestParameters(t *testing.T) {
	for _, tc := range []struct {
		query string
		want  func(q *kiali.Question)
	}{
		{"", func(*kiali.Question) {}},
		{"&graphType=versionedApp", func(q *kiali.Question) { q.Level = topology.ByVersionedApp }},
		{"&duration=1h", func(q *kiali.Question) { q.Duration = time.Hour }},
		{"&queryTime=1600000000", func(q *kiali.Question) { q.Time = time.Unix(1_600_000_000, 0).UTC() }},
		{"&appenders=", func(q *kiali.Question) { q.Appenders = kiali.Appenders{Named: true} }},
		{"&appenders=ambient,responseTime,trafficGenerator", func(q *kiali.Question) {
			q.Appenders = kiali.Appenders{Named: true, ResponseTime: true}
		}},
		{"&appenders=deadNode,health,idleNode,istio,labeler,serviceEntry,workloadEntry", func(q *kiali.Question) {
			q.Appenders = kiali.Appenders{
				Named: true, DeadNode: true, Health: true, IdleNode: true, Istio: true, Labeler: true, ServiceEntry: true, WorkloadEntry: true,
			}
		}},
		{"&appenders=meshCheck", func(q *kiali.Question) { q.Appenders = kiali.Appenders{Named: true, MeshCheck: true} }},
		{"&appenders=sidecarsCheck", func(q *kiali.Question) { q.Appenders = kiali.Appenders{Named: true, MeshCheck: true} }},
		{"&appenders=aggregateNode,securityPolicy,throughput&aggregate=request_path", func(q *kiali.Question) {
			q.Appenders = kiali.Appenders{Named: true, AggregateNode: true, SecurityPolicy: true, Throughput: true}
			q.Aggregate = "request_path"
		}},
		{"&injectServiceNodes=true&includeIdleEdges=true&waypoints=false", func(q *kiali.Question) {
			q.ServiceNodes, q.IdleEdges, q.Waypoints = true, true, false
		}},
		{"&boxBy=app,cluster,namespace", func(q *kiali.Question) {
			q.Boxes = kiali.Boxes{App: true, Cluster: true, Namespace: true}
		}},
		{"&ambientTraffic=ztunnel", func(q *kiali.Question) { q.Ambient = kiali.AmbientZtunnel }},
		{"&rateHttp=none&rateGrpc=total&rateTcp=received", func(q *kiali.Question) {
			q.Rates = kiali.Rates{HTTP: kiali.RateNone, GRPC: kiali.RateTotal, TCP: kiali.RateReceived}
		}},
		{"&responseTime=avg", func(q *kiali.Question) { q.Quantile = 0 }},
		{"&responseTime=99&throughputType=request", func(q *kiali.Question) { q.Quantile, q.RequestThroughput = 0.99, true }},
		{"&configVendor=common&telemetryVendor=istio&refreshInterval=15000", func(*kiali.Question) {}},
		{"&refreshInterval=0", func(q *kiali.Question) { q.Fresh = true }},
	} {
		t.Run(tc.query, func(t *testing.T) {
			want := kiali.Default()
			want.Namespaces = []string{"a", "b"}
			tc.want(&want)
			got, err := parse(t, "namespaces/graph?namespaces=b,a,b"+tc.query)
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func TestNodes(t *testing.T) {
	for path, want := range map[string]kiali.Node{
		"namespaces/a/workloads/w/graph":                                  {Kind: topology.KindWorkload, Namespace: "a", Name: "w"},
		"namespaces/a/workloads/w/graph?clusterName=east":                 {Kind: topology.KindWorkload, Cluster: "east", Namespace: "a", Name: "w"},
		"namespaces/a/services/s/graph":                                   {Kind: topology.KindService, Namespace: "a", Name: "s"},
		"namespaces/a/applications/p/graph?graphType=app":                 {Kind: topology.KindApp, Namespace: "a", Name: "p"},
		"namespaces/a/applications/p/versions/v/graph?graphType=app":      {Kind: topology.KindApp, Namespace: "a", Name: "p", Version: "v"},
		"namespaces/a/aggregates/request_path/GET%20%2Fx/graph":           {Kind: topology.KindOperation, Namespace: "a", Name: "GET /x", Label: "request_path"},
		"namespaces/a/aggregates/request_path/top/s/graph?appenders=idle": {},
		"namespaces/a/aggregates/request_path/top/s/graph":                {Kind: topology.KindOperation, Namespace: "a", Name: "top", Label: "request_path", Service: "s"},
	} {
		t.Run(path, func(t *testing.T) {
			q, err := parse(t, path)
			if want == (kiali.Node{}) {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, want, *q.Node)
			require.Equal(t, []string{"a"}, q.Namespaces)
			if want.Kind == topology.KindOperation {
				require.Equal(t, "request_path", q.Aggregate)
				require.True(t, q.Appenders.AggregateNode)
			}
		})
	}
}

// What is not served is refused by name.
func TestRefusals(t *testing.T) {
	for path, want := range map[string]string{
		"namespaces/graph":                        `parameter "namespaces": want one or more, separated by commas`,
		"namespaces/graph?namespaces=,":           `parameter "namespaces": want one or more, separated by commas`,
		"namespaces/graph?namespaces=a*":          `parameter "namespaces": not a namespace: "a*" (want names, not globs)`,
		"namespaces/graph?namespaces=a&x=1":       `parameter "x": no such parameter (want one of aggregate, ambientTraffic, appenders,`,
		"namespaces/graph?namespaces=a&boxBy=x":   `parameter "boxBy": unknown box "x" (want some of app, cluster, namespace)`,
		"namespaces/graph?namespaces=a&duration=": `parameter "duration": not a duration: "" (want e.g. 10m)`,

		"namespaces/graph?namespaces=a&namespaces=b":         `parameter "namespaces": want one value`,
		"namespaces/graph?namespaces=a&duration=25h":         `parameter "duration": too long: 1d1h (want at most 1d)`,
		"namespaces/graph?namespaces=a&duration=0s":          `parameter "duration": must be more than 0`,
		"namespaces/graph?namespaces=a&duration=1500ms":      `parameter "duration": not whole seconds: 1s500ms`,
		"namespaces/graph?namespaces=a&queryTime=1700000001": `parameter "queryTime": in the future`,
		"namespaces/graph?namespaces=a&queryTime=soon":       `parameter "queryTime": not a time: "soon" (want Unix seconds)`,
		"namespaces/graph?namespaces=a&clusterName=east":     `parameter "clusterName": only the graph of a node can be of one cluster`,
		"namespaces/graph?namespaces=a&graphType=mesh":       `parameter "graphType": unknown value "mesh" (want one of app, service, versionedApp, workload)`,
		"namespaces/graph?namespaces=a&rateHttp=total":       `parameter "rateHttp": unknown value "total" (want one of none, requests)`,
		"namespaces/graph?namespaces=a&responseTime=90":      `parameter "responseTime": unknown value "90" (want one of 50, 95, 99, avg)`,
		"namespaces/graph?namespaces=a&refreshInterval=1":    `parameter "refreshInterval": out of range: 1 (want 10000 to 900000 milliseconds, or 0 for a new answer)`,
		"namespaces/graph?namespaces=a&aggregate=a-b":        `parameter "aggregate": not a label: "a-b" (want e.g. request_operation)`,
		"namespaces/graph?namespaces=a&waypoints=perhaps":    `parameter "waypoints": not a boolean: "perhaps" (want true or false)`,
		"namespaces/graph?namespaces=a&configVendor=x":       `parameter "configVendor": unknown value "x" (want one of common)`,
		"namespaces/graph?namespaces=a&appenders=extensions": `parameter "appenders": unknown appender "extensions" (want some of aggregateNode, ambient,`,
		"namespaces/graph?namespaces=a&appenders=x":          `parameter "appenders": unknown appender "x" (want some of aggregateNode, ambient,`,

		"namespaces/a/workloads/w/graph?namespaces=a":      `parameter "namespaces": the graph of a node has its namespace in its path`,
		"namespaces/a/workloads/w/graph?graphType=service": `parameter "graphType": the graph of a node cannot be one of services`,
		"namespaces/a/applications/p/graph":                `parameter "graphType": the graph of an app must be of apps (want app or versionedApp)`,
		"namespaces/a/pods/p/graph":                        "no such path",
		"namespaces/a/workloads//graph":                    "no such path",
		"namespaces/a/workloads/w":                         "no such path",
		"namespaces/a/applications/p/revisions/v/graph":    "no such path",
		"namespaces": "no such path",
		"mesh/graph": "no such path",
		"":           "no such path",
	} {
		t.Run(path, func(t *testing.T) {
			_, err := parse(t, path)
			require.ErrorContains(t, err, want)
			if want == "no such path" {
				require.ErrorIs(t, err, kiali.ErrNoPath)
			} else {
				require.ErrorAs(t, err, new(*kiali.ParameterError))
			}
		})
	}
}

func TestKeys(t *testing.T) {
	keys := map[string]bool{}
	paths := []string{
		"namespaces/graph?namespaces=a", "namespaces/graph?namespaces=a,b", "namespaces/graph?namespaces=a&duration=1m",
		"namespaces/graph?namespaces=a&queryTime=1", "namespaces/graph?namespaces=a&appenders=", "namespaces/a/workloads/w/graph",
		"namespaces/a/workloads/v/graph", "namespaces/a/services/w/graph", "namespaces/graph?namespaces=a&rateTcp=total",
	}
	for _, path := range paths {
		q, err := parse(t, path)
		require.NoError(t, err)
		keys[q.Key()] = true
	}
	require.Len(t, keys, len(paths))

	kept, err := parse(t, "namespaces/graph?namespaces=a")
	require.NoError(t, err)
	fresh, err := parse(t, "namespaces/graph?namespaces=a&refreshInterval=-1")
	require.NoError(t, err)
	require.Equal(t, kept.Key(), fresh.Key(), "a fresh answer is for all")
}
