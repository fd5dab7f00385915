package app

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/demo/mesh"
	demoobjects "github.com/meshscope/meshscope/exporter/demo/objects"
	"github.com/meshscope/meshscope/exporter/demo/store/storetest"
	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/exporter/web"
)

// BenchmarkGraph answers for the graph of a mesh of 50 namespaces of 20 workloads, as JSON: with the traffic alone, and
// with the objects of all that there is and its verdicts, as it is answered.
func BenchmarkGraph(b *testing.B) {
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	simulated, err := mesh.New(mesh.Config{Seed: 1, Namespaces: 50, Workloads: 20, Start: now})
	require.NoError(b, err)
	s, _, _ := storetest.Open(b)
	for range 3 * 4 {
		now = now.Add(15 * time.Second)
		simulated.Advance(now)
		for _, target := range simulated.Targets() {
			var text bytes.Buffer
			require.NoError(b, target.WriteMetrics(&text))
			require.NoError(b, s.Append(now, labels.FromStrings("job", target.Job, "instance", target.Instance), text.Bytes()))
		}
	}
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	client, err := promql.New(promql.Options{URL: server.URL})
	require.NoError(b, err)
	var clusters []kube.Cluster
	for _, c := range demoobjects.Of(simulated.Census()) {
		file := filepath.Join(b.TempDir(), c.Name+".yaml")
		var text bytes.Buffer
		require.NoError(b, c.Write(&text))
		require.NoError(b, os.WriteFile(file, text.Bytes(), 0o600))
		clusters = append(clusters, kube.Cluster{Name: c.Name, Manifests: []string{file}})
	}
	inventory, err := kube.Read(clusters)
	require.NoError(b, err)
	settings, err := newGraphSettings(config.Default(), client)
	require.NoError(b, err)
	settings.kubernetes = inventory

	q := web.Question{Level: string(topology.ByWorkload), Output: "json", Time: now, Window: 2 * time.Minute}
	for _, tc := range []struct {
		name     string
		complete func(*topology.Graph, []topology.Flow)
	}{
		{"traffic alone", nil},
		{"with objects and verdicts", settings.complete(kube.AttachOptions{DropGone: true})},
	} {
		b.Run(tc.name, func(b *testing.B) {
			b.ReportAllocs()
			var took time.Duration
			edges := 0
			for b.Loop() {
				g, err := settings.derive(b.Context(), derive.GraphOptions{
					FlowOptions: derive.FlowOptions{
						Interval: topology.Interval{End: q.Time, Length: q.Window}, Metrics: settings.metrics,
						IsWaypoint: inventory.IsWaypoint(istio.Waypoints(istio.DefaultWaypoints)),
					},
					Complete: func(whole *topology.Graph, calls []topology.Flow) {
						start := time.Now()
						if tc.complete != nil {
							tc.complete(whole, calls)
						}
						took += time.Since(start)
					},
				})
				require.NoError(b, err)
				edges = len(g.Edges)
				_, err = settings.rendered(partOf(g, q), q)
				require.NoError(b, err)
			}
			b.ReportMetric(float64(edges), "edges")
			b.ReportMetric(float64(took.Microseconds())/1000/float64(b.N), "complete-ms")
		})
	}
}
