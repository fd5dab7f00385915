package alerting

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// config makes the mixin fast, and judges alone what a short window can tell.
const config = `{
  window: '20s',
  interval: '2s',
  // Calls every 20 seconds are seen for the first time whenever it pleases them.
  edgeSelector: 'source_workload!="emailservice"',
  edgeFailing+: {
    // In so short a window, a share of 5 % is one failure or two.
    minRequests: 40,
    warning+: { ratio: 0.2, 'for': '4s' },
    critical+: { ratio: 0.25, 'for': '4s' },
  },
  // Nor is the slowest call of twenty a percentile.
  edgeSlow+: { minRequests: 50, floor: 0.4, newOffset: '30s', baselineWindow: '20s', 'for': '4s' },
  edgePlaintext+: { past: '10m', 'for': '4s' },
  // This is about edges; TestOneFaultIsOnePage is about whose fault it is.
  workloadFailing+: { 'for': '1h' },
  workloadAffected+: { 'for': '1h' },
  newDependency+: { newFor: '30s', meshAge: '40s', memory: '10m', interval: '2s', 'for': '2s' },
  storeNotAnswering+: { 'for': '4s' },
}`

// cases are what goes wrong in the mesh, and who is to be told what of it. None
// of the calls is one that the caller cannot do without, which would spread.
var cases = []struct {
	fault string
	alert string
	// edge are labels that the alert has, and no other alert of an edge.
	edge map[string]string
	// named is in its summary.
	named []string
}{
	{
		fault: "errors:online-boutique/frontend->online-boutique/cartservice=0.5",
		alert: "MeshscopeEdgeFailing",
		edge:  map[string]string{"source_workload": "frontend", "destination_workload": "cartservice"},
		named: []string{"frontend (namespace online-boutique)", "cartservice (namespace online-boutique)"},
	},
	{
		fault: "latency:bookinfo/details-v1=600ms",
		alert: "MeshscopeEdgeSlow",
		edge:  map[string]string{"source_workload": "productpage-v1", "destination_workload": "details-v1"},
		named: []string{"productpage-v1 (namespace bookinfo)", "details-v1 (namespace bookinfo)"},
	},
	{
		fault: "plaintext:online-boutique/frontend->online-boutique/shippingservice",
		alert: "MeshscopeEdgePlaintext",
		edge:  map[string]string{"source_workload": "frontend", "destination_workload": "shippingservice"},
		named: []string{"frontend (namespace online-boutique)", "shippingservice (namespace online-boutique)"},
	},
	{
		fault: "new-dependency:bookinfo/details-v1->sock-shop/catalogue=2",
		alert: "MeshscopeNewDependency",
		edge:  map[string]string{"source_canonical_service": "details", "destination_service_name": "catalogue"},
		named: []string{"details (namespace bookinfo)", "catalogue (namespace sock-shop)"},
	},
}

// TestFaultsAreNotified switches faults on, waits for the right notifications,
// switches them off, and waits for these to be taken back. What has no fault
// must not be notified.
func TestFaultsAreNotified(t *testing.T) {
	b := newBed(t, config, map[string]any{})
	// Calls every second or two have all been seen in 20 seconds. While the store is cut off, none would be.
	b.holds(t, `workload_edge:meshscope_requests:increase20s > 40 and workload_edge:meshscope_requests:increase20s offset 20s`)

	// The mesh grows old meanwhile, as it must for anything in it to be new.
	b.store.cut.Store(true)
	t.Log("the store is cut off")
	const storeAlert = "MeshscopeStoreNotAnswering"
	b.webhook.await(t, "firing", storeAlert, nil)
	b.store.cut.Store(false)
	t.Log("the store is back")
	b.webhook.await(t, "resolved", storeAlert, nil)

	b.holds(t, `dependency:meshscope_edge_first_seen_timestamp_seconds:min{destination_service_name="details"} offset 40s`)
	b.holds(t, `workload_edge:meshscope_request_duration_seconds:p95_rate20s{destination_workload="details-v1"} offset 30s`)
	b.holds(t, `workload_edge:meshscope_mutual_tls:ratio_increase20s{destination_workload="shippingservice"} == 1`)
	for _, c := range cases {
		b.fault(t, http.MethodPost, c.fault)
	}
	for _, c := range cases {
		told := b.webhook.await(t, "firing", c.alert, c.edge)
		t.Log(told)
		for _, name := range c.named {
			assert.Contains(t, told.Annotations["summary"], name)
		}
		assert.Contains(t, told.Annotations["runbook_url"], "#"+strings.ToLower(c.alert))
	}

	for _, c := range cases {
		b.fault(t, http.MethodDelete, c.fault)
	}
	eventually(t, "all is resolved", func() bool { return len(b.webhook.firing()) == 0 })
	for _, c := range cases {
		b.webhook.await(t, "resolved", c.alert, c.edge)
	}

	for _, told := range b.webhook.all() {
		expected := told.is(storeAlert, nil)
		for _, c := range cases {
			expected = expected || told.is(c.alert, c.edge)
		}
		assert.True(t, expected, "nothing is wrong there: %s", told)
	}
	b.rulesAreWell(t)
}
