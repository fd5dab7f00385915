package dashboards_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
)

const namespaceFile = "namespace.json"

func panelsOfNamespace(t *testing.T) map[string]panel { return byTitle(named(t, namespaceFile)) }

// The numbers of a namespace are those of all calls to its services; over time they are told apart by whether they
// cross its border, each counted once.
func TestNamespaceCountsEachCallOnce(t *testing.T) {
	b := newBench(t, mesh())
	for _, namespace := range []string{"shop", "bank"} {
		c := chosenNamespace(namespace)
		to := func(f topology.Flow) bool { return f.Key.Service.Namespace == namespace }
		from := func(f topology.Flow) bool { return f.Key.Source.Namespace == namespace }
		reached := func(f topology.Flow) bool { return f.Key.Destination.Namespace == namespace }
		seconds := derivedtest.Every.Seconds()

		assert.InDelta(t, counted(requests, to)/seconds, b.number(t, numbered(t, namespaceFile, 3), c), 1e-6)
		assert.InDelta(t, counted(errors, to)/counted(requests, to), b.number(t, numbered(t, namespaceFile, 4), c), 1e-6)
		assert.InDelta(t, 0.91, b.number(t, numbered(t, namespaceFile, 5), c), 1e-6)
		assert.InDelta(t, counted(secured, reached)/counted(known, reached), b.number(t, numbered(t, namespaceFile, 6), c), 1e-6)

		ways := []func(topology.Flow) bool{
			func(f topology.Flow) bool { return to(f) && !from(f) },
			func(f topology.Flow) bool { return to(f) && from(f) },
			func(f topology.Flow) bool { return from(f) && !to(f) },
		}
		for i, way := range ways {
			if counted(requests, way) == 0 {
				assert.Zero(t, lastOf(b.run(t, numbered(t, namespaceFile, 8).Targets[i], c)))
				continue
			}
			assert.InDelta(t, counted(requests, way)/seconds, lastOf(b.run(t, numbered(t, namespaceFile, 8).Targets[i], c)), 1e-6, "%s: %d", namespace, i)
			assert.InDelta(t, counted(errors, way)/counted(requests, way), lastOf(b.run(t, numbered(t, namespaceFile, 9).Targets[i], c)), 1e-6, "%s: %d", namespace, i)
		}
	}
}

// numbered is the panel of an id: some share a title.
func numbered(t *testing.T, file string, id int) panel {
	t.Helper()
	for _, p := range named(t, file).Panels {
		if p.ID == id {
			return p
		}
	}
	t.Fatalf("%s has no panel %d", namespaceFile, id)
	return panel{}
}

// lastOf is the value of the one line, or 0 without any.
func lastOf(rows []row) float64 {
	if len(rows) == 0 {
		return 0
	}
	return rows[0].value
}

// Who fails, and by whose fault, is what the exporter says, in the names of the data source's rows, which it is joined to.
func TestNamespaceTellsWhoFails(t *testing.T) {
	b, panels, c := newBench(t, mesh()), panelsOfNamespace(t), chosenNamespace("shop")
	judged := derivedtest.Judged(mesh())
	failing, worst, origins := 0.0, 0.0, map[string]string{}
	for ref, health := range judged.Nodes {
		if ref.Namespace != "shop" || ref.Kind != topology.KindWorkload {
			continue
		}
		if health == topology.HealthFailure {
			failing++
		}
		if fault := judged.Faults[ref]; fault.Whose.Name != "" {
			origins[ref.Cluster+"/"+ref.Name] = fault.Whose.Name
		}
	}
	for ref, health := range judged.Nodes {
		if ref.Kind == topology.KindNamespace && ref.Name == "shop" {
			value, _ := health.Value()
			worst = max(worst, value)
		}
	}
	require.NotEmpty(t, origins)
	assert.InDelta(t, failing, b.number(t, panels["Failing"], c), 0)
	assert.InDelta(t, worst, b.number(t, panels["Health"], c), 0)

	got := map[string]string{}
	for _, row := range b.run(t, panels["Workloads"].Targets[1], c) {
		assert.Len(t, row.labels, 4)
		assert.Equal(t, "shop", row.labels["namespace"])
		got[row.labels["cluster"]+"/"+row.labels["name"]] = row.labels["origin"]
	}
	assert.Equal(t, origins, got)
}

// Bytes are those of bodies and of TCP, without what carries calls through waypoints.
func TestNamespaceThroughput(t *testing.T) {
	b, p := newBench(t, mesh()), panelsOfNamespace(t)["Throughput"]
	into := func(f topology.Flow) bool { return f.Key.Destination.Namespace == "shop" && !isHop(f) }
	for i, bytes := range []func(topology.Flow) float64{
		func(f topology.Flow) float64 { return f.Traffic.TCPRequestBytes[""] + f.Traffic.RequestBytes },
		func(f topology.Flow) float64 { return f.Traffic.TCPResponseBytes[""] + f.Traffic.ResponseBytes },
	} {
		assert.InDelta(t, counted(bytes, into)/derivedtest.Every.Seconds(), lastOf(b.run(t, p.Targets[i], chosenNamespace("shop"))), 1e-6)
	}
}
