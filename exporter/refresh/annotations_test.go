package refresh_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/demo/mesh"
	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/refresh"
)

// annotated is what is known of a cluster whose workload ratings-v1 has an
// annotation.
func annotated(t *testing.T, rate string) *kube.Inventory {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ratings.yaml")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil,
		"{apiVersion: apps/v1, kind: Deployment, metadata: {name: ratings-v1, namespace: bookinfo, annotations: {health.kiali.io/rate: %q}}}\n", rate), 0o600))
	inventory, err := kube.Read([]kube.Cluster{{Name: "Kubernetes", Manifests: []string{file}}})
	require.NoError(t, err)
	return inventory
}

// What is wrong with an annotation is logged once, not at each refresh, and
// for as long as it is wrong there is a number that says so.
func TestAnnotationProblems(t *testing.T) {
	b := newBed(t, mesh.Config{Seed: 1})
	client, err := promql.New(promql.Options{URL: b.server.URL})
	require.NoError(t, err)
	var logged bytes.Buffer
	var inventory *kube.Inventory
	b.loop, err = refresh.New(refresh.Options{
		Config: config.Default(), Client: client, Logger: log.NewLogfmtLogger(&logged), Registry: prometheus.NewRegistry(),
		Inventory: func() *kube.Inventory { return inventory }, Now: func() time.Time { return b.now },
	})
	require.NoError(t, err)
	refreshed := func(rate string, number int) (lines []string) {
		inventory = annotated(t, rate)
		logged.Reset()
		b.play(3 * scrapeInterval)
		require.Contains(t, b.metrics(), fmt.Sprintf("\nmeshscope_health_annotation_problems %d\n", number))
		for line := range strings.Lines(logged.String()) {
			if strings.Contains(line, "annotation") {
				lines = append(lines, line)
			}
		}
		return lines
	}
	require.Empty(t, refreshed("5XX,10,20,http,inbound", 0))

	const bad = "5XX,10,20,http,inbound; 4XX,ten,20,http,inbound; 3XX,1,2,tcp,inbound"
	lines := refreshed(bad, 2)
	require.Len(t, lines, 2, "of three refreshes")
	for _, want := range []string{
		"level=warn", `msg="a part of an annotation is not valid, and does not hold"`, "annotation=health.kiali.io/rate", "kind=workload",
		"cluster=Kubernetes", "namespace=bookinfo", "name=ratings-v1", `part=4XX,ten,20,http,inbound`, `err="degraded: not a percentage`,
	} {
		require.Contains(t, lines[0], want)
	}
	require.Contains(t, lines[1], `msg="a part of an annotation matches nothing"`)
	require.Contains(t, lines[1], "part=3XX,1,2,tcp,inbound")

	require.Len(t, refreshed("4XX,zehn,20,http,inbound", 1), 1, "it is wrong in another way")
	require.Empty(t, refreshed("4XX,10,20,http,inbound", 0))
	require.Len(t, refreshed(bad, 2), 2, "it was right in between")

	b.loop.StandBy()
	require.NotContains(t, b.metrics(), "meshscope_health_annotation_problems", "the leader tells")
}
