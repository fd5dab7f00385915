package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/app"
	"github.com/meshscope/meshscope/exporter/web"
)

// counted are so many requests from one workload to another by a proxy's reports, as a store's answer has them. Both
// are written namespace/name.
func counted(metric, reporter, source, destination, code string, n int) string {
	from, caller, _ := strings.Cut(source, "/")
	to, called, _ := strings.Cut(destination, "/")
	labels := map[string]string{
		"reporter": reporter, "request_protocol": "http", "response_code": code,
		"source_cluster": "east", "source_workload": caller, "source_workload_namespace": from, "source_canonical_service": caller,
		"destination_cluster": "east", "destination_workload": called, "destination_workload_namespace": to,
		"destination_canonical_service": called, "destination_service_name": called, "destination_service_namespace": to,
	}
	if metric != "istio_requests_total" {
		delete(labels, "request_protocol")
		delete(labels, "response_code")
	}
	labels["__name__"] = metric
	text, _ := json.Marshal(labels) // of strings, cannot fail
	return fmt.Sprintf(`{"metric":%s,"value":[1767366245,"%d"]}`, text, n)
}

// remembering is a store that answers questions of a metric with what it has of it.
func remembering(t *testing.T, series ...string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.FormValue("query")
		asked := slices.DeleteFunc(slices.Clone(series), func(one string) bool {
			_, metric, _ := strings.Cut(one, `"__name__":"`)
			metric, _, _ = strings.Cut(metric, `"`)
			return !strings.Contains(query, metric)
		})
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[`+strings.Join(asked, ",")+`]}}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// drawn is a graph as JSON tells of it.
type drawn struct {
	Nodes []struct {
		ID, Health, ObjectKind string
		Idle                   bool
	}
	Edges []struct {
		Source, Target, Health string
		HealthCause            struct{ Tolerance, Direction string }
	}
}

// health are the verdicts on the nodes and edges by their names.
func (d drawn) health() map[string]string {
	short := func(id string) string {
		kind, names, _ := strings.Cut(id, "/east/")
		return strings.TrimPrefix(kind+" "+names, "workload ")
	}
	all := map[string]string{}
	for _, n := range d.Nodes {
		all[short(n.ID)] = n.Health
	}
	for _, e := range d.Edges {
		all[short(e.Source)+" > "+short(e.Target)] = e.Health
	}
	return all
}

// draw asks for a graph as "meshscope graph" does.
func draw(t *testing.T, store, configuration, params string) (g drawn) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "meshscope.yml")
	require.NoError(t, os.WriteFile(file, []byte(configuration), 0o600))
	now := time.Unix(1767366245, 0)
	values, err := url.ParseQuery(params)
	require.NoError(t, err)
	values.Set("output", "json")
	q, err := web.ParseQuestion(values, now)
	require.NoError(t, err)
	answer, err := app.Graph(t.Context(), app.Options{Source: app.Source{File: file, PrometheusURL: store}, Now: func() time.Time { return now }}, q)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(answer.Body, &g))
	return g
}

// A workload fails all calls from another namespace, and none of its own. It is a failure however it is asked for.
func TestT6HealthOfAGraph(t *testing.T) {
	const requests = "istio_requests_total"
	store := remembering(t,
		counted(requests, "source", "shop/front", "shop/web", "200", 100),
		counted(requests, "source", "other/client", "shop/web", "500", 100),
		counted(requests, "source", "shop/front", "shop/cart", "200", 98),
		counted(requests, "source", "shop/front", "shop/cart", "404", 2),
	)
	whole := map[string]string{
		"shop/web": "Failure", "shop/front": "Healthy", "shop/cart": "Healthy", "other/client": "Failure",
		"shop/front > shop/web": "Healthy", "other/client > shop/web": "Failure", "shop/front > shop/cart": "Healthy",
	}
	for params, want := range map[string]map[string]string{
		"":                whole,
		"namespace=shop":  whole,
		"namespace=other": {"shop/web": "Failure", "other/client": "Failure", "other/client > shop/web": "Failure"},
		"focus=cart":      {"shop/front": "Healthy", "shop/cart": "Healthy", "shop/front > shop/cart": "Healthy"},
		"filter=source.namespace=='shop'%26%26target.health>=2": {"shop/front": "Healthy", "shop/web": "Failure", "shop/front > shop/web": "Healthy"},
		"limit=2":                            {"shop/web": "Failure", "other/client": "Failure", "other/client > shop/web": "Failure"},
		"filter=edge.health==0&limit=2":      {"shop/web": "Failure", "shop/front": "Healthy", "shop/front > shop/web": "Healthy"},
		"level=namespace&namespace=other":    {"namespace ~/shop": "Failure", "namespace ~/other": "Failure", "namespace ~/other > namespace ~/shop": "Failure"},
		"level=app&focus=client&depth=1":     {"app shop/web": "Failure", "app other/client": "Failure", "app other/client > app shop/web": "Failure"},
		"level=service&filter=edge.health>2": {"service shop/web": "Failure", "other/client": "Failure", "other/client > service shop/web": "Failure"},
	} {
		require.Equal(t, want, draw(t, store, "", params).health(), params)
	}

	// By what the configuration says.
	const patient = "health: {min_requests: 101}"
	require.Equal(t, "Failure", draw(t, store, patient, "").health()["shop/web"], "of 200 calls")
	require.Equal(t, "Healthy", draw(t, store, patient, "").health()["other/client"], "of 100 calls")
	const tolerant = `health: {rate: [{namespace: shop, tolerance: [{code: "404", degraded: 1, failure: 50}]}]}`
	g := draw(t, store, tolerant, "")
	require.Equal(t, "Healthy", g.health()["shop/web"])
	require.Equal(t, "Degraded", g.health()["shop/cart"])
	require.Equal(t, "Degraded", g.health()["shop/front > shop/cart"])
	require.Equal(t, "404", g.Edges[1].HealthCause.Tolerance)
}

// objects are those of a namespace: a workload that is called and tolerates much, two of which one has no pods,
// and a service.
const objects = `
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: other}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: front, namespace: shop}, spec: {replicas: 1}, status: {observedGeneration: 1, replicas: 1, availableReplicas: 1}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, annotations: {health.kiali.io/rate: "5xx,50,80,http,inbound"}}
spec: {replicas: 1}
status: {observedGeneration: 1, replicas: 1, availableReplicas: 1}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: batch, namespace: shop}, spec: {replicas: 2}, status: {observedGeneration: 1, replicas: 2}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: asleep, namespace: other}, spec: {replicas: 0}, status: {observedGeneration: 1}}
---
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}}
---
{apiVersion: v1, kind: Service, metadata: {name: batch, namespace: shop}}
`

// Nodes have their objects, with what these ask for; what has no traffic is there when it is wanted, and what nothing
// backs is not.
func TestObjectsOfAGraph(t *testing.T) {
	const requests = "istio_requests_total"
	store := remembering(t,
		counted(requests, "source", "shop/front", "shop/web", "200", 80),
		counted(requests, "source", "shop/front", "shop/web", "500", 20),
		counted(requests, "source", "shop/front", "shop/gone", "200", 0),
	)
	manifests := filepath.Join(t.TempDir(), "objects.yaml")
	require.NoError(t, os.WriteFile(manifests, []byte(objects), 0o600))
	known := fmt.Sprintf("kubernetes: {clusters: [{name: east, manifests: [%s]}]}", manifests)

	require.Equal(t, map[string]string{"shop/front": "Failure", "shop/web": "Failure", "shop/front > shop/web": "Failure"},
		draw(t, store, "", "").health(), "nothing is known of the annotation")
	require.Equal(t, []string{"shop/front > shop/gone", "shop/front > shop/web"},
		edgesOf(draw(t, store, "", "idle=true")), "nothing is known to be gone")

	g := draw(t, store, known, "")
	require.Equal(t, map[string]string{"shop/front": "Failure", "shop/web": "Healthy", "shop/front > shop/web": "Failure"}, g.health())
	require.Equal(t, "Deployment", g.Nodes[0].ObjectKind)
	require.Equal(t, "out", g.Edges[0].HealthCause.Direction, "the caller tolerates less")

	all := map[string]string{
		"shop/front": "Failure", "shop/web": "Healthy", "shop/batch": "Failure", "other/asleep": "Not Ready",
		"shop/front > shop/web": "Failure",
	}
	g = draw(t, store, known, "idle=true")
	require.Equal(t, all, g.health())
	for _, n := range g.Nodes {
		require.Equal(t, strings.HasSuffix(n.ID, "/batch") || strings.HasSuffix(n.ID, "/asleep"), n.Idle, n.ID)
	}
	inShop := maps.Clone(all)
	delete(inShop, "other/asleep")
	require.Equal(t, inShop, draw(t, store, known, "idle=true&namespace=shop").health())
	require.Equal(t, inShop, draw(t, store, known, "idle=true&filter=node.namespace=='shop'").health())
	require.Contains(t, draw(t, store, known, "idle=true&service-nodes=true").health(), "service shop/batch")
}

func edgesOf(d drawn) (names []string) {
	for name := range d.health() {
		if strings.Contains(name, " > ") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Hops through waypoints are no calls: who fails one of nine calls is judged alike whether they are shown or not.
func TestT9HealthWithWaypoints(t *testing.T) {
	const requests, opened = "istio_requests_total", "istio_tcp_connections_opened_total"
	store := remembering(t,
		counted(requests, "waypoint", "shop/front", "shop/web", "200", 80),
		counted(requests, "waypoint", "shop/front", "shop/web", "500", 10),
		strings.Replace(counted(requests, "source", "shop/front", "shop/waypoint", "200", 20), `service_name":"waypoint"`, `service_name":"web"`, 1),
		counted(opened, "source", "shop/waypoint", "shop/web", "", 7),
	)
	hidden, shown := draw(t, store, "", "").health(), draw(t, store, "", "waypoints=true").health()
	require.Equal(t, map[string]string{"shop/front": "Failure", "shop/web": "Failure", "shop/front > shop/web": "Failure"}, hidden)
	for name, verdict := range hidden {
		require.Equal(t, verdict, shown[name], name)
	}
	require.Contains(t, shown, "shop/waypoint > shop/web")
	require.Empty(t, shown["shop/waypoint"], "it makes no calls of its own")
}
