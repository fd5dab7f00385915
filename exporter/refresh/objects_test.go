package refresh

import (
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/kube/kubetest"
	"github.com/meshscope/meshscope/exporter/topology"
)

// told refreshes from reports, as if a store had told them.
type told struct {
	*Loop
	at    time.Time
	flows []topology.Flow
}

func newTold(b *testing.B, inventory *kube.Inventory) *told {
	b.Helper()
	loop, err := New(Options{
		Config: config.Default(), Logger: log.NewNopLogger(), Registry: prometheus.NewRegistry(),
		Inventory: func() *kube.Inventory { return inventory },
	})
	require.NoError(b, err)
	return &told{Loop: loop, at: noon, flows: mesh2800()}
}

// reports are those of an interval, of sidecars at both ends.
func (t *told) reports() *topology.Reports {
	reports := topology.NewReports(2 * len(t.flows))
	for _, f := range t.flows {
		for _, by := range []topology.Reporter{topology.BySource, topology.ByDestination} {
			traffic := &reports.New(f.Key, f.Protocol, by).Traffic
			traffic.Requests = maps.Clone(f.Traffic.Requests)
			traffic.RequestBytes, traffic.ResponseBytes = 1e5, 1e6
			if by == topology.ByDestination {
				traffic.AddSecured(topology.MutualTLS, f.Traffic.Total())
				traffic.AddPrincipals("spiffe://cluster.local/ns/a/sa/a", "spiffe://cluster.local/ns/b/sa/b", f.Traffic.Total())
			}
		}
	}
	return reports
}

// cost is what refreshes took.
type cost struct {
	times         []time.Duration
	allocs, bytes []uint64
}

// refresh is all that one does after it has read the store's answers.
func (t *told) refresh(b *testing.B, c *cost) {
	b.Helper()
	due := span{from: t.at, to: t.at.Add(15 * time.Second)}
	t.at = due.to
	reports := t.reports()
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	t.post(due, reports, true)
	err := t.publish(t.at)
	c.times = append(c.times, time.Since(start))
	runtime.ReadMemStats(&after)
	c.allocs = append(c.allocs, after.Mallocs-before.Mallocs)
	c.bytes = append(c.bytes, after.TotalAlloc-before.TotalAlloc)
	require.NoError(b, err)
	t.ledger.Served(t.published.Load().Generation)
}

// BenchmarkObjects refreshes by turns with what a large cluster has and without
// it, less the time of the store. It reports medians: what objects add is the
// median of the differences. Request durations are left out, for they are most
// of what is rendered, and have nothing to do with objects. Garbage is
// collected in between, or it would always be the same one's turn to wait for
// it; how much there is, allocations tell.
func BenchmarkObjects(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	inventory, err := kube.Read([]kube.Cluster{{Name: "east", Manifests: []string{kubetest.Large.Manifest(b)}}})
	require.NoError(b, err)
	loops := [2]*told{newTold(b, nil), newTold(b, inventory)}
	var costs [2]cost
	turn := func() {
		for i, loop := range loops {
			loop.refresh(b, &costs[i])
		}
	}
	for range 25 { // the window of health is full, and verdicts have lasted
		turn()
	}
	for _, family := range []string{"meshscope_workload_replicas{", "meshscope_istio_object_status{"} {
		require.NotContains(b, loops[0].ledger.Text(), family)
		require.Contains(b, loops[1].ledger.Text(), family)
	}
	costs = [2]cost{}
	for b.Loop() {
		turn()
	}
	more := make([]time.Duration, b.N)
	for i := range more {
		more[i] = costs[1].times[i] - costs[0].times[i]
	}
	ms := func(all []time.Duration) float64 { return float64(middle(all).Microseconds()) / 1e3 }
	b.ReportMetric(ms(costs[0].times), "without-ms")
	b.ReportMetric(ms(costs[1].times), "with-ms")
	b.ReportMetric(ms(more), "more-ms")
	for i, with := range []string{"without", "with"} {
		b.ReportMetric(float64(middle(costs[i].allocs)), with+"-allocs")
		b.ReportMetric(float64(middle(costs[i].bytes))/1e6, with+"-MB")
	}
	b.ReportMetric(float64(loops[1].ledger.Edges()), "edges")
	b.ReportMetric(0, "ns/op") // making the reports is in it
}

func middle[N time.Duration | uint64](all []N) N {
	slices.Sort(all)
	return all[len(all)/2]
}
