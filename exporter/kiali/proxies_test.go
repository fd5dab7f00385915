package kiali_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/app"
	"github.com/meshscope/meshscope/exporter/config"
)

// proxies are those of a made-up mesh: what they count.
type proxies struct{ series []slope }

// tags are the labels of a call.
type tags map[string]string

// call is an answered HTTP call between workloads of sidecars, each
// NAMESPACE/APP-VERSION, by the service that is called as the app.
func call(from, to string) tags {
	c := tags{"request_protocol": "http", "response_code": "200", "response_flags": "-"}
	c.end("source", from)
	namespace, app := c.end("destination", to)
	return c.to(app, namespace)
}

func (c tags) end(end, name string) (namespace, app string) {
	namespace, workload, _ := strings.Cut(name, "/")
	app, version, _ := strings.Cut(workload, "-")
	c[end+"_cluster"], c[end+"_workload_namespace"], c[end+"_workload"] = "east", namespace, workload
	c[end+"_canonical_service"], c[end+"_canonical_revision"] = app, version
	return namespace, app
}

// with is c with other labels, given as names and values.
func (c tags) with(pairs ...string) tags {
	c = maps.Clone(c)
	for i := 0; i < len(pairs); i += 2 {
		c[pairs[i]] = pairs[i+1]
	}
	return c
}

// to is c to a service of the mesh.
func (c tags) to(service, namespace string) tags {
	return c.with("destination_service", service+"."+namespace+".svc.cluster.local",
		"destination_service_name", service, "destination_service_namespace", namespace)
}

// toHost is c to what is not a workload of the mesh.
func (c tags) toHost(host string) tags {
	c = c.with("destination_service", host, "destination_service_name", host)
	for _, label := range []string{
		"cluster", "workload_namespace", "workload", "canonical_service", "canonical_revision", "service_namespace",
	} {
		c["destination_"+label] = "unknown"
	}
	return c
}

// fromOutside is c by a client without a proxy.
func (c tags) fromOutside() tags {
	c = maps.Clone(c)
	for _, label := range []string{"cluster", "workload_namespace", "workload", "canonical_service", "canonical_revision"} {
		c["source_"+label] = "unknown"
	}
	return c
}

// grpc is c by gRPC.
func (c tags) grpc(status string) tags {
	return c.with("request_protocol", "grpc", "grpc_response_status", status)
}

// ended is c with another end.
func (c tags) ended(code, flags string) tags {
	return c.with("response_code", code, "response_flags", flags)
}

func (p *proxies) counts(metric, reporter string, c tags, rate float64) {
	p.series = append(p.series, slope{Metric: metric, Labels: c.with("reporter", reporter), Rate: rate})
}

// requests are reported by the proxies of both ends.
func (p *proxies) requests(c tags, rate float64) {
	p.counts("istio_requests_total", "source", c, rate)
	p.counts("istio_requests_total", "destination", c.with("connection_security_policy", "mutual_tls"), rate)
}

// durations are as many calls a second as rates say, each as long as a bucket
// of theirs, which are named in milliseconds.
func (p *proxies) durations(reporter string, c tags, rates map[int]float64) {
	sum, count := 0.0, 0.0
	for _, bound := range []int{100, 200, 400, 1000} {
		sum += float64(bound) * rates[bound]
		count += rates[bound]
		p.counts("istio_request_duration_milliseconds_bucket", reporter, c.with("le", fmt.Sprint(bound)), count)
	}
	p.counts("istio_request_duration_milliseconds_bucket", reporter, c.with("le", "+Inf"), count)
	p.counts("istio_request_duration_milliseconds_sum", reporter, c, sum)
	p.counts("istio_request_duration_milliseconds_count", reporter, c, count)
}

// tcp are connections, and the bytes that clients send and get over them.
func (p *proxies) tcp(reporter string, c tags, opened, sent, got float64) {
	p.counts("istio_tcp_connections_opened_total", reporter, c, opened)
	p.counts("istio_tcp_received_bytes_total", reporter, c, sent)
	p.counts("istio_tcp_sent_bytes_total", reporter, c, got)
}

// exporter serves a mesh.
type exporter struct{ url string }

// serve starts an exporter on the mesh, at the time now.
func (p *proxies) serve(t testing.TB, change ...func(*config.Config)) exporter {
	t.Helper()
	return serveStore(t, fill(t, now, p.series), change...)
}

// serveStore starts an exporter on a store, at the time now.
func serveStore(t testing.TB, storeURL string, change ...func(*config.Config)) exporter {
	t.Helper()
	started := startExporter(t, app.Options{Source: app.Source{Config: configOf(t, storeURL, change...)}, Now: func() time.Time { return now }})
	return exporter{"http://" + started.Addresses()[0] + "/kiali/api/"}
}

func configOf(t testing.TB, storeURL string, change ...func(*config.Config)) *config.Config {
	t.Helper()
	cfg := config.Default()
	u, err := config.ParseURL(storeURL)
	require.NoError(t, err)
	cfg.Prometheus.URL = promconfig.URL{URL: u}
	for _, c := range change {
		c(cfg)
	}
	return cfg
}

// get asks for a path below the API's root.
func (e exporter) get(t testing.TB, path string) (response *http.Response, body string) {
	t.Helper()
	response, err := http.Get(e.url + path)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response, string(text)
}

// graph asks for a graph.
func (e exporter) graph(t testing.TB, path string) graph {
	t.Helper()
	response, body := e.get(t, path)
	require.Equal(t, http.StatusOK, response.StatusCode, "%s: %s", path, body)
	require.Equal(t, "application/json", response.Header.Get("Content-Type"))
	var g graph
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&g), "%s", body)
	g.name(t)
	return g
}

// graph is an answer, by what things are instead of their ids.
type graph struct {
	Timestamp int64  `json:"timestamp"`
	Duration  int64  `json:"duration"`
	GraphType string `json:"graphType"`
	Elements  struct {
		Nodes []struct {
			Data *node `json:"data"`
		} `json:"nodes"`
		Edges []struct {
			Data *edge `json:"data"`
		} `json:"edges"`
	} `json:"elements"`

	nodes map[string]*node
	edges map[string]*edge
}

type node struct {
	ID           string              `json:"id"`
	Parent       string              `json:"parent"`
	NodeType     string              `json:"nodeType"`
	Cluster      string              `json:"cluster"`
	Namespace    string              `json:"namespace"`
	Workload     string              `json:"workload"`
	App          string              `json:"app"`
	Version      string              `json:"version"`
	Service      string              `json:"service"`
	Aggregate    string              `json:"aggregate"`
	DestServices []map[string]string `json:"destServices"`
	Traffic      []struct {
		Protocol string            `json:"protocol"`
		Rates    map[string]string `json:"rates"`
	} `json:"traffic"`
	HealthData     *healthData `json:"healthData"`
	IsBox          string      `json:"isBox"`
	IsInaccessible bool        `json:"isInaccessible"`
	IsInjected     bool        `json:"isInjected"`
	IsOutside      bool        `json:"isOutside"`
	IsRoot         bool        `json:"isRoot"`
	IsWaypoint     bool        `json:"isWaypoint"`
	objectData
}

// objectData is what Kubernetes and Istio's configuration tell of a node.
type objectData struct {
	Labels                map[string]string   `json:"labels"`
	HasCB                 bool                `json:"hasCB"`
	HasFaultInjection     bool                `json:"hasFaultInjection"`
	HasIngressWaypoint    bool                `json:"hasIngressWaypoint"`
	HasMirroring          bool                `json:"hasMirroring"`
	HasRequestRouting     bool                `json:"hasRequestRouting"`
	HasRequestTimeout     bool                `json:"hasRequestTimeout"`
	HasTCPTrafficShifting bool                `json:"hasTCPTrafficShifting"`
	HasTrafficShifting    bool                `json:"hasTrafficShifting"`
	HasVS                 *hostnames          `json:"hasVS"`
	HasWorkloadEntry      []map[string]string `json:"hasWorkloadEntry"`
	IsAmbient             bool                `json:"isAmbient"`
	IsDead                bool                `json:"isDead"`
	IsGateway             *gatewayData        `json:"isGateway"`
	IsIdle                bool                `json:"isIdle"`
	IsK8sGatewayAPI       bool                `json:"isK8sGatewayAPI"`
	IsOutOfMesh           bool                `json:"isOutOfMesh"`
	IsServiceEntry        *serviceEntryData   `json:"isServiceEntry"`
}

type hostnames struct {
	Hostnames []string `json:"hostnames"`
}

type gatewayData struct {
	IngressInfo    hostnames `json:"ingressInfo"`
	EgressInfo     hostnames `json:"egressInfo"`
	GatewayAPIInfo hostnames `json:"gatewayAPIInfo"`
}

type serviceEntryData struct {
	Hosts     []string `json:"hosts"`
	Location  string   `json:"location"`
	Namespace string   `json:"namespace"`
}

// healthData has rates by protocol and code.
type healthData struct {
	Requests struct {
		HealthAnnotations map[string]string             `json:"healthAnnotations"`
		Inbound           map[string]map[string]float64 `json:"inbound"`
		Outbound          map[string]map[string]float64 `json:"outbound"`
	} `json:"requests"`
	Status *struct {
		ErrorRatio       float64 `json:"errorRatio"`
		Status           string  `json:"status"`
		TotalRequestRate float64 `json:"totalRequestRate"`
	} `json:"status"`
	WorkloadStatus   *workloadStatus  `json:"workloadStatus"`   // of workloads
	WorkloadStatuses []workloadStatus `json:"workloadStatuses"` // of apps
}

type workloadStatus struct {
	AvailableReplicas, CurrentReplicas, DesiredReplicas int
	Name                                                string
	SyncedProxies                                       int
}

// rates are those of all protocols, whose names differ.
func (n *node) rates() map[string]string {
	all := map[string]string{}
	for _, t := range n.Traffic {
		maps.Copy(all, t.Rates)
	}
	return all
}

type edge struct {
	ID      string `json:"id"`
	Source  string `json:"source"`
	Target  string `json:"target"`
	Traffic struct {
		Protocol  string                                  `json:"protocol"`
		Rates     map[string]string                       `json:"rates"`
		Responses map[string]map[string]map[string]string `json:"responses"`
	} `json:"traffic"`
	DestPrincipal   string `json:"destPrincipal"`
	SourcePrincipal string `json:"sourcePrincipal"`
	IsMTLS          string `json:"isMTLS"`
	ResponseTime    string `json:"responseTime"`
	Throughput      string `json:"throughput"`
	HealthStatus    string `json:"healthStatus"`
	Waypoint        *struct {
		Direction string `json:"direction"`
		FromEdge  *edge  `json:"fromEdge"`
	} `json:"waypoint"`
}

// name finds out what nodes and edges are.
func (g *graph) name(t testing.TB) {
	t.Helper()
	g.nodes, g.edges = map[string]*node{}, map[string]*edge{}
	names := map[string]string{}
	for _, element := range g.Elements.Nodes {
		n := element.Data
		name := nameOf(n)
		require.NotContains(t, g.nodes, name, "one node, twice")
		require.NotContains(t, names, n.ID, "ids are unique")
		g.nodes[name], names[n.ID] = n, name
	}
	for _, n := range g.nodes {
		if n.Parent != "" {
			require.Contains(t, names, n.Parent)
			n.Parent = names[n.Parent]
		}
	}
	for _, element := range g.Elements.Edges {
		e := element.Data
		require.Contains(t, names, e.Source)
		require.Contains(t, names, e.Target)
		name := fmt.Sprintf("%s -> %s %s", names[e.Source], names[e.Target], e.Traffic.Protocol)
		require.NotContains(t, g.edges, name, "one edge, twice")
		g.edges[name] = e
	}
}

// nameOf is a node's kind, where it is not a workload, its cluster, where it is
// another than the usual one, and its name.
func nameOf(n *node) string {
	if n.NodeType != "box" && n.Cluster == "west" {
		inEast := *n
		inEast.Cluster = "east"
		return "west " + nameOf(&inEast)
	}
	switch n.NodeType {
	case "workload":
		return n.Namespace + "/" + n.Workload
	case "app":
		return strings.TrimSuffix("app "+n.Namespace+"/"+n.App+" "+n.Version, " ")
	case "service":
		return "service " + n.Namespace + "/" + n.Service
	case "aggregate":
		return "aggregate " + n.Namespace + "/" + n.Service + " " + n.Aggregate
	case "box":
		return strings.TrimRight(fmt.Sprintf("box %s %s/%s/%s", n.IsBox, n.Cluster, n.Namespace, n.App), "/")
	}
	return n.NodeType
}

func (g graph) node(t testing.TB, name string) *node {
	t.Helper()
	require.Contains(t, g.nodes, name)
	return g.nodes[name]
}

func (g graph) edge(t testing.TB, name string) *edge {
	t.Helper()
	require.Contains(t, g.edges, name)
	return g.edges[name]
}
