package dashboards_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
)

func panelsOfWorkload(t *testing.T) map[string]panel { return byTitle(named(t, "workload.json")) }

// What goes in and out of a workload is told in whole, by peer, and by how it ended, and all say the same.
func TestWorkloadCountsEachCallOnce(t *testing.T) {
	b, panels, seconds := newBench(t, mesh()), panelsOfWorkload(t), derivedtest.Every.Seconds()
	for _, p := range []topology.Peer{web, cart, cartEast, ledger} {
		c := chosenWorkload(p)
		into := func(f topology.Flow) bool { return f.Key.Destination == p }
		out := func(f topology.Flow) bool { return f.Key.Source == p }

		assert.InDelta(t, counted(requests, into)/seconds, b.number(t, panels["Requests in"], c), 1e-6)
		assert.InDelta(t, counted(errors, into)/counted(requests, into), b.number(t, panels["Errors in"], c), 1e-6)
		assert.InDelta(t, 1, b.number(t, panels["Pods missing"], c), 0)
		for title, of := range map[string]func(topology.Flow) bool{
			"Requests in, by response": into, "Requests in, by source": into, "Requests out, by response": out, "Requests out, by destination": out,
		} {
			var sum float64
			for _, row := range b.run(t, panels[title].Targets[0], c) {
				sum += row.value
			}
			assert.InDelta(t, counted(requests, of)/seconds, sum, 1e-6, "%s of %s", title, p.Workload)
		}
	}
}

// A destination has the name of its workload, or of its service where no workload is known.
func TestWorkloadNamesWhatItCalls(t *testing.T) {
	b, panels := newBench(t, mesh()), panelsOfWorkload(t)
	names := func(p topology.Peer) (names []string) {
		for _, row := range b.run(t, panels["Requests out, by destination"].Targets[0], chosenWorkload(p)) {
			names = append(names, row.labels["destination_cluster"]+"/"+row.labels["destination"])
		}
		return names
	}
	assert.ElementsMatch(t, []string{"unknown/rates.example.com"}, names(ledger))
	assert.ElementsMatch(t, []string{west + "/cart", west + "/cart", east + "/cart"}, names(web), "two in the west: a workload, and the service where it reached none")
}

// The verdict and whose fault it is are the exporter's.
func TestWorkloadTellsWhoseFaultItIs(t *testing.T) {
	b, panels := newBench(t, mesh()), panelsOfWorkload(t)
	judged := derivedtest.Judged(mesh())
	told, quiet := 0, 0
	for _, p := range []topology.Peer{web, cart, cartEast, ledger} {
		ref := topology.Ref{Kind: topology.KindWorkload, Cluster: p.Cluster, Namespace: p.Namespace, Name: p.Workload}
		value, ok := judged.Nodes[ref].Value()
		require.True(t, ok, p.Workload)
		assert.InDelta(t, value, b.number(t, panels["Health"], chosenWorkload(p)), 0)
		assert.InDelta(t, value, lastOf(b.run(t, panels["Health over time"].Targets[0], chosenWorkload(p))), 0)

		rows := b.run(t, panels["Whose fault"].Targets[0], chosenWorkload(p))
		require.Len(t, rows, 1)
		labels := rows[0].labels
		for name := range labels {
			if strings.HasPrefix(name, "workload_") {
				delete(labels, name)
			}
		}
		whose, fault, failing := judged.Faults[ref].Whose, "Nobody's", 0.0
		if whose.Name != "" {
			fault, failing = whose.Name, 1
			told++
		} else {
			whose = ref
			quiet++
		}
		assert.Equal(t, map[string]string{"origin_cluster": whose.Cluster, "origin_namespace": whose.Namespace, "origin_name": whose.Name, "fault": fault}, labels)
		assert.InDelta(t, failing, rows[0].value, 0)
	}
	assert.Positive(t, told)
	assert.Positive(t, quiet)
}
