package probe_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/probe"
)

const twoCalls = `istio_requests_total{reporter="source",source_workload="web",source_workload_namespace="shop",destination_workload="api",destination_workload_namespace="shop",destination_service_name="api"} 1
istio_tcp_connections_opened_total{reporter="source",source_workload="api",source_workload_namespace="shop",destination_workload="db",destination_workload_namespace="data",destination_service_name="db"} 1
istio_tcp_connections_opened_total{reporter="destination",source_workload="web",source_workload_namespace="shop",destination_workload="api",destination_workload_namespace="shop",destination_service_name="api"} 1
`

func TestProbe(t *testing.T) {
	store := derivedtest.Open(t)
	client, err := promql.New(promql.Options{URL: store.URL})
	require.NoError(t, err)
	probed := probe.New(client)
	look := func(raw bool) probe.Found {
		found, err := probed.Look(t.Context(), store.Now, raw)
		require.NoError(t, err)
		found.Refreshed = found.Refreshed.UTC()
		return found
	}
	has := func() (derived, raw bool) {
		derived, err := probed.HasDerived(t.Context(), store.Now)
		require.NoError(t, err)
		raw, err = probed.HasRaw(t.Context(), store.Now)
		require.NoError(t, err)
		return derived, raw
	}

	assert.Equal(t, probe.Found{}, look(true), "an empty store")
	derived, raw := has()
	assert.False(t, derived || raw)

	store.ScrapeRaw(twoCalls)
	assert.Equal(t, probe.Found{Raw: probe.Edges{Edges: 2, Namespaces: 2}}, look(false), "a store without an exporter")
	derived, raw = has()
	assert.True(t, raw && !derived)

	store.Publish(nil, 1)
	found := look(false)
	assert.Zero(t, found.Derived)
	assert.Equal(t, store.Now, found.Refreshed)
	derived, _ = has()
	assert.True(t, derived, "the exporter of an empty mesh")

	store.Publish(derivedtest.Mesh(60), 2)
	all := probe.Found{Derived: probe.Edges{Edges: 60, Namespaces: 16}, Refreshed: store.Now}
	assert.Equal(t, all, look(false))
	all.Raw = probe.Edges{Edges: 2, Namespaces: 2}
	assert.Equal(t, all, look(true))
}
