package alerting

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// blameConfig makes the mixin fast, with the order of its times as it is: an
// origin's alert waits for less than those that follow from it.
const blameConfig = `{
  window: '20s',
  interval: '2s',
  edgeFailing+: {
    minRequests: 40,
    warning+: { ratio: 0.2, 'for': '30s' },
    critical+: { ratio: 0.25, 'for': '30s' },
  },
  workloadFailing+: { 'for': '4s' },
  workloadAffected+: { 'for': '20s' },
  // What is not asked about here, and tells little in so short a time.
  edgeSlow+: { 'for': '1h' },
  newDependency+: { 'for': '1h' },
}`

// blameHealth lets verdicts be quick as well. Of calls that are rare, some
// errors in half a minute are many.
var blameHealth = map[string]any{"window": "30s", "for": "4s", "min_requests": 60}

// TestOneFaultIsOnePage lets ratings fail. Those who call it fail too, and so
// do those who call these: all of it is the fault of one workload, and one
// notification is sent.
func TestOneFaultIsOnePage(t *testing.T) {
	b := newBed(t, blameConfig, blameHealth)
	workload := func(metric, name, more string) string {
		return fmt.Sprintf(`%s{workload_cluster="Kubernetes", workload_namespace="bookinfo", workload_name=%q%s}`, metric, name, more)
	}
	const origin = `, origin_cluster="Kubernetes", origin_namespace="bookinfo", origin_name="ratings-v1"`
	affected := []string{"reviews-v2", "reviews-v3", "productpage-v1"}

	// All is well, and known from the objects of the clusters too.
	b.holds(t, `workload_edge:meshscope_requests:increase20s{destination_workload="ratings-v1"} > 40`)
	for _, name := range append(affected, "ratings-v1") {
		b.holds(t, workload("meshscope_workload_health", name, "")+" < 3")
		b.holds(t, workload("meshscope_workload_fault_origin", name, "")+" == 0")
	}
	b.holds(t, workload("meshscope_workload_replicas", "ratings-v1", `, state="available"`)+" == 2")
	b.holds(t, workload("meshscope_workload_info", "ratings-v1", `, kind="Deployment", dataplane="sidecar"`))
	b.holds(t, `meshscope_workload_info{workload_name="shoppingassistantservice"}`)

	const fault = "errors:bookinfo/ratings-v1=0.8"
	b.fault(t, http.MethodPost, fault)

	page := map[string]string{"workload_cluster": "Kubernetes", "workload_namespace": "bookinfo", "workload_name": "ratings-v1", "severity": "critical"}
	told := b.webhook.await(t, "firing", "MeshscopeWorkloadFailing", page)
	t.Log(told)
	assert.Equal(t, "ratings-v1 (namespace bookinfo) fails its callers (workloads that depend on it: 4).", told.Annotations["summary"])
	assert.Regexp(t, `^Nothing that it calls explains it\. Its callers got errors: \d+(\.\d+)?% of http by 5XX\. Of its pods 2 are available and 2 wanted\.`,
		told.Annotations["description"])

	b.holds(t, workload("meshscope_workload_fault_origin", "ratings-v1", "")+" == 1")
	b.holds(t, workload("meshscope_workload_dependents", "ratings-v1", `, scope="direct"`)+" == 2")
	b.holds(t, workload("meshscope_workload_dependents", "ratings-v1", `, scope="all"`)+" == 4")
	b.holds(t, workload("meshscope_workload_error_ratio", "ratings-v1", `, direction="in", request_protocol="http", tolerance="5XX"`)+" > 0.5")
	for _, name := range affected {
		b.holds(t, workload("meshscope_workload_health", name, "")+" == 3")
		b.holds(t, workload("meshscope_workload_fault_origin", name, "")+" == 0")
		b.holds(t, workload("meshscope_workload_fault_info", name, origin))
	}
	b.holds(t, `meshscope_edge_health{source_workload="reviews-v2", destination_workload="ratings-v1"} == 3`)
	b.edgeNamesTolerance(t, "reviews-v2", "ratings-v1", "5XX")

	// What follows from it fires, and is kept back.
	follows := []map[string]string{
		{"alertname": "MeshscopeEdgeFailing", "severity": "critical", "source_workload": "reviews-v2", "destination_workload": "ratings-v1"},
		{"alertname": "MeshscopeEdgeFailing", "severity": "critical", "source_workload": "reviews-v3", "destination_workload": "ratings-v1"},
		{"alertname": "MeshscopeEdgeFailing", "severity": "critical", "source_workload": "productpage-v1", "destination_workload": "reviews-v2"},
		{"alertname": "MeshscopeEdgeFailing", "severity": "critical", "source_workload": "productpage-v1", "destination_workload": "reviews-v3"},
		{"alertname": "MeshscopeEdgeFailing", "severity": "critical", "source_workload": "istio-ingressgateway", "destination_workload": "productpage-v1"},
		{"alertname": "MeshscopeWorkloadAffected", "workload_name": "reviews-v2"},
		{"alertname": "MeshscopeWorkloadAffected", "workload_name": "reviews-v3"},
		{"alertname": "MeshscopeWorkloadAffected", "workload_name": "productpage-v1"},
	}
	for _, labels := range follows {
		eventually(t, fmt.Sprintf("inhibited: %v", labels), func() bool {
			for _, a := range b.alerts(t) {
				if a.is(labels) {
					return a.Status.State == "suppressed" && len(a.Status.InhibitedBy) > 0
				}
			}
			return false
		})
	}
	for _, a := range b.alerts(t) {
		switch a.Status.State {
		case "active":
			assert.True(t, a.is(page), "not kept back: %v", a.Labels)
		case "suppressed":
			assert.Equal(t, "ratings-v1", a.Labels["origin_name"], "kept back: %v", a.Labels)
			assert.Contains(t, a.Status.InhibitedBy, told.Fingerprint, "kept back by another: %v", a.Labels)
		}
	}

	b.fault(t, http.MethodDelete, fault)
	b.webhook.await(t, "resolved", "MeshscopeWorkloadFailing", page)
	for _, name := range append(affected, "ratings-v1") {
		b.holds(t, workload("meshscope_workload_health", name, "")+" < 3")
		b.holds(t, workload("meshscope_workload_fault_origin", name, "")+" == 0")
		b.holds(t, "absent("+workload("meshscope_workload_fault_info", name, "")+")")
	}
	// Of this one no call fails by itself. It is healthy again, and did not go back and forth: by way of degraded at most.
	b.holds(t, workload("meshscope_workload_health", "reviews-v2", "")+" == 0")
	b.holds(t, "changes("+workload("meshscope_workload_health", "reviews-v2", "")+"[1h]) <= 4")
	eventually(t, "no alert is left", func() bool { return len(b.alerts(t)) == 0 })

	// One page, and its end. What still failed within a window was not sent either.
	for _, n := range b.webhook.all() {
		assert.True(t, n.is("MeshscopeWorkloadFailing", page), "one page, but not %s", n)
	}
	assert.Len(t, b.webhook.all(), 2)
	b.rulesAreWell(t)
}

// alert is an alert as Alertmanager has it.
type alert struct {
	Labels      map[string]string `json:"labels"`
	Fingerprint string            `json:"fingerprint"`
	Status      struct {
		State       string   `json:"state"` // active or suppressed
		InhibitedBy []string `json:"inhibitedBy"`
	} `json:"status"`
}

func (a alert) is(labels map[string]string) bool {
	for name, value := range labels {
		if a.Labels[name] != value {
			return false
		}
	}
	return true
}

// alerts are all that Alertmanager has now, sent or not.
func (b *bed) alerts(t *testing.T) (all []alert) {
	t.Helper()
	require.NoError(t, json.Unmarshal(ask(t, http.MethodGet, b.alertmanager+"/api/v2/alerts"), &all))
	return all
}

// edgeNamesTolerance requires of the graph that the verdict on an edge is a
// failure by a tolerance.
func (b *bed) edgeNamesTolerance(t *testing.T, source, target, tolerance string) {
	t.Helper()
	var graph struct {
		Edges []struct {
			Source, Target, Health string
			Cause                  struct{ Tolerance string } `json:"healthCause"`
		}
	}
	id := func(name string) string { return "workload/Kubernetes/bookinfo/" + name }
	require.NoError(t, json.Unmarshal(ask(t, http.MethodGet, b.exporter+"/api/v1/graph?output=json&namespace=bookinfo&window=30s"), &graph))
	for _, e := range graph.Edges {
		if e.Source == id(source) && e.Target == id(target) {
			require.Equal(t, "Failure", e.Health)
			require.Equal(t, tolerance, e.Cause.Tolerance)
			return
		}
	}
	require.Fail(t, "the graph has no edge", "%s -> %s", source, target)
}
