package kiali_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/app"
	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/demo/store/storetest"
	"github.com/meshscope/meshscope/exporter/istio/istiotest"
)

// testCase is a graph that a real Kiali has answered with, and the series that
// it was made from.
type testCase struct {
	Name       string            `json:"case"`
	Path       string            `json:"path"`
	Params     map[string]string `json:"params"`
	Overrides  map[string]string `json:"overrides"`
	QueryScope map[string]string `json:"queryScope"`
	QueryTime  int64             `json:"queryTime"`
	Series     []slope           `json:"series"`
	Expected   map[string]any    `json:"expected"`
}

// slope is a counter that grows evenly.
type slope struct {
	Metric string            `json:"metric"`
	Labels map[string]string `json:"labels"`
	Rate   float64           `json:"rate"`
	// Later is the rate after the first ten minutes, if it is another.
	Later float64 `json:"-"`
}

func (s slope) total(since time.Duration) float64 {
	const later = 10 * time.Minute
	if s.Later > 0 && since > later {
		return s.Rate*later.Seconds() + s.Later*(since-later).Seconds()
	}
	return s.Rate * since.Seconds()
}

// caseNames are Kiali's own tests of its API.
var caseNames = []string{
	"ambient_graph", "app_graph", "app_node_graph", "complex_graph", "mc_source_graph", "rates_node_graph_total",
	"rates_none_graph", "rates_received_graph", "rates_sent_graph", "rates_total_graph", "service_graph",
	"service_node_graph", "versioned_app_graph", "versioned_app_node_graph", "workload_graph", "workload_node_graph",
}

// The answers of a real Kiali, over HTTP, from the series that it was asked
// about: all of them, but for what differences lists.
func TestCases(t *testing.T) {
	for _, name := range caseNames {
		t.Run(name, func(t *testing.T) {
			c := readCase(t, name)
			got := facts(t, c.ask(t))
			want := facts(t, c.Expected)
			for _, d := range differences[name] {
				d.apply(t, want)
			}
			for _, fact := range slices.Sorted(maps.Keys(want)) {
				if got[fact] != want[fact] {
					t.Errorf("%s\n\tKiali %s\n\tours  %s", fact, orAbsent(want[fact]), orAbsent(got[fact]))
				}
			}
			for _, fact := range slices.Sorted(maps.Keys(got)) {
				if _, ok := want[fact]; !ok {
					t.Errorf("%s\n\tKiali absent\n\tours  %s", fact, got[fact])
				}
			}
		})
	}
}

func orAbsent(value string) string {
	if value == "" {
		return "absent"
	}
	return value
}

func readCase(t *testing.T, name string) (c testCase) {
	t.Helper()
	text, err := os.ReadFile(istiotest.Case(t, "kiali/"+name+".json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &c))
	require.Equal(t, name, c.Name)
	require.NotEmpty(t, c.Series)
	return c
}

// ask asks an exporter for the case's graph.
func (c testCase) ask(t *testing.T) (graph map[string]any) {
	t.Helper()
	params := url.Values{}
	for _, given := range []map[string]string{c.Params, c.Overrides} {
		for name, value := range given {
			params.Set(name, value)
		}
	}
	status, body := serve(t, app.Options{Source: app.Source{Config: c.config(t)}}, "/kiali"+c.Path+"?"+params.Encode())
	require.Equal(t, http.StatusOK, status, "%s", body)
	require.NoError(t, json.Unmarshal(body, &graph), "%s", body)
	return graph
}

// config is that of an exporter on the case's series and objects.
func (c testCase) config(t *testing.T) *config.Config {
	t.Helper()
	cfg := config.Default()
	storeURL, err := config.ParseURL(fill(t, time.Unix(c.QueryTime, 0), c.Series))
	require.NoError(t, err)
	cfg.Prometheus.URL = promconfig.URL{URL: storeURL}
	for label, value := range c.QueryScope {
		cfg.Prometheus.Matchers = append(cfg.Prometheus.Matchers, fmt.Sprintf("%s=%q", label, value))
	}
	for name, namespaces := range c.clusters() {
		cfg.Kubernetes.Clusters = append(cfg.Kubernetes.Clusters, config.KubernetesCluster{
			Name: name, Manifests: []string{writeObjects(t, namespaces, c.Name == "ambient_graph")},
		})
	}
	return cfg
}

// clusters are those that the case was recorded in, each with its namespaces.
func (c testCase) clusters() map[string][]string {
	switch c.Name {
	case "ambient_graph":
		return map[string][]string{"Kubernetes": {"bookinfo"}}
	case "complex_graph":
		return map[string][]string{
			"cluster-tutorial": {"bookinfo", "istio-system", "tutorial"},
			"cluster-cp":       {"bookinfo", "istio-system", "tutorial"},
			"cluster-bookinfo": {"bookinfo", "istio-system", "tutorial"},
		}
	case "mc_source_graph":
		return map[string][]string{"kukulcan": {"bookinfo", "istio-system"}, "tzotz": {"bookinfo", "istio-system"}}
	}
	return map[string][]string{"east": {"bookinfo"}}
}

// writeObjects writes a cluster's namespaces, and a waypoint where it is one of
// ambient mode.
func writeObjects(t *testing.T, namespaces []string, ambient bool) (file string) {
	t.Helper()
	var objects strings.Builder
	for _, namespace := range namespaces {
		fmt.Fprintf(&objects, "kind: Namespace\nmetadata: {name: %s, labels: {istio.io/dataplane-mode: %q}}\n---\n",
			namespace, map[bool]string{true: "ambient"}[ambient])
	}
	if ambient {
		objects.WriteString("kind: Deployment\nmetadata: {name: waypoint, namespace: bookinfo}\nspec: {template: {metadata: {labels: " +
			"{gateway.istio.io/managed: istio.io-mesh-controller, gateway.networking.k8s.io/gateway-name: waypoint}}}}\n")
	}
	file = filepath.Join(t.TempDir(), "objects.yaml")
	require.NoError(t, os.WriteFile(file, []byte(objects.String()), 0o600))
	return file
}

// startExporter starts an exporter, until the test ends.
func startExporter(t testing.TB, o app.Options) *app.App {
	t.Helper()
	o.ListenAddresses = []string{"127.0.0.1:0"}
	exporter, err := app.New(o)
	require.NoError(t, err)
	ended := make(chan error, 1)
	ctx := t.Context() // ends before the cleanup
	go func() { ended <- exporter.Run(ctx) }()
	t.Cleanup(func() { require.NoError(t, <-ended) })
	return exporter
}

// serve asks a new exporter for one path.
func serve(t *testing.T, o app.Options, path string) (status int, body []byte) {
	t.Helper()
	response, err := http.Get("http://" + startExporter(t, o).Addresses()[0] + path)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, body
}

// fill opens a store with counters that have grown evenly for 20 minutes.
func fill(t testing.TB, at time.Time, series []slope) (storeURL string) {
	t.Helper()
	const before, after, step = 20 * time.Minute, 30 * time.Second, 15 * time.Second
	s, storeURL, _ := storetest.Open(t)
	names := make([]string, len(series))
	for i, one := range series {
		pairs := make([]string, 0, len(one.Labels))
		for label, value := range one.Labels {
			pairs = append(pairs, fmt.Sprintf("%s=%q", label, value))
		}
		names[i] = one.Metric + "{" + strings.Join(pairs, ",") + "}"
	}
	target := labels.FromStrings("job", "kubernetes-pods", "instance", "10.0.0.1:15020")
	for since := time.Duration(0); since <= before+after; since += step {
		var exposition strings.Builder
		for i, one := range series {
			fmt.Fprintf(&exposition, "%s %v\n", names[i], one.total(since))
		}
		require.NoError(t, s.Append(at.Add(since-before), target, []byte(exposition.String())))
	}
	return storeURL
}

// facts are what a graph says, each by the thing that it says it of. Things
// are known by what they are, not by their ids.
func facts(t *testing.T, graph map[string]any) map[string]string {
	t.Helper()
	all := map[string]string{}
	elements := graph["elements"].(map[string]any)
	names := map[string]string{}
	for _, n := range list(elements["nodes"]) {
		name := identity(n)
		names[n["id"].(string)] = name
		for fact := range all {
			require.NotEqual(t, "node "+name+": nodeType", fact, "one node, twice")
		}
		flatten(all, "node "+name+":", without(n, "id", "parent"))
	}
	require.Len(t, names, len(list(elements["nodes"])), "ids are unique")
	for _, n := range list(elements["nodes"]) {
		if parent, ok := n["parent"].(string); ok {
			all["node "+names[n["id"].(string)]+": parent"] = names[parent]
		}
	}
	ids := map[string]bool{}
	for _, e := range list(elements["edges"]) {
		require.False(t, ids[e["id"].(string)], "ids are unique")
		ids[e["id"].(string)] = true
		flattenEdge(t, all, names, "edge", e)
	}
	flatten(all, "graph:", without(graph, "elements"))
	return all
}

func flattenEdge(t *testing.T, all, names map[string]string, kind string, e map[string]any) {
	t.Helper()
	source, target := names[e["source"].(string)], names[e["target"].(string)]
	require.NotEmpty(t, source)
	require.NotEmpty(t, target)
	name := fmt.Sprintf("%s %s -> %s %s:", kind, source, target, e["traffic"].(map[string]any)["protocol"])
	require.NotContains(t, all, name+" traffic.protocol", "one edge, twice")
	if w, ok := e["waypoint"].(map[string]any); ok {
		e["waypoint"] = without(w, "fromEdge")
		if from, ok := w["fromEdge"].(map[string]any); ok {
			flattenEdge(t, all, names, name+" back", from)
		}
	}
	flatten(all, name, without(e, "id", "source", "target"))
}

func list(elements any) (data []map[string]any) {
	for _, e := range elements.([]any) {
		data = append(data, e.(map[string]any)["data"].(map[string]any))
	}
	return data
}

func without(m map[string]any, names ...string) map[string]any {
	rest := maps.Clone(m)
	for _, name := range names {
		delete(rest, name)
	}
	return rest
}

func identity(n map[string]any) string {
	parts := []string{n["nodeType"].(string), n["cluster"].(string), n["namespace"].(string)}
	for _, name := range []string{"app", "version", "service", "workload", "aggregate"} {
		if value, ok := n[name]; ok {
			parts = append(parts, name+"="+value.(string))
		}
	}
	return strings.Join(parts, " ")
}

// flatten adds the fields of a value, by their paths. The order of lists is not
// Kiali's to keep: what is in them goes by its content.
func flatten(all map[string]string, path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, field := range v {
			separator := "."
			if strings.HasSuffix(path, ":") {
				separator = " "
			}
			flatten(all, path+separator+name, field)
		}
		if len(v) == 0 {
			all[path] = "{}"
		}
	case []any:
		for _, element := range v {
			e, ok := element.(map[string]any)
			switch {
			case ok && e["protocol"] != nil:
				flatten(all, path+"."+e["protocol"].(string), e)
			default:
				text, _ := json.Marshal(element)
				all[path+"."+string(text)] = "present"
			}
		}
	default:
		text, _ := json.Marshal(v)
		all[path] = string(text)
	}
}
