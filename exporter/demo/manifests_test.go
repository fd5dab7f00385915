package demo

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/demo/mesh"
)

// TestExporterIsToldOfObjects has an exporter read the manifests that it is
// told of, now and when they change. They go when the demo does.
func TestExporterIsToldOfObjects(t *testing.T) {
	told := make(chan Surroundings, 1)
	o := Options{
		Mesh: mesh.Config{Seed: 1}, PrometheusAddress: "127.0.0.1:0", DemoAddress: "127.0.0.1:0", ExporterAddress: "127.0.0.1:0",
		Exporter: func(ctx context.Context, s Surroundings) error {
			told <- s
			<-ctx.Done()
			return nil
		},
	}
	d, err := New(o)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()

	s := <-told
	require.Len(t, s.Kubernetes, 2)
	require.Equal(t, "Kubernetes", s.Kubernetes[0].Cluster)
	require.Equal(t, "west", s.Kubernetes[1].Cluster)
	home := s.Kubernetes[0].Files
	require.Len(t, home, 1)
	pods := func() int {
		text, err := os.ReadFile(home[0])
		require.NoError(t, err)
		return strings.Count(string(text), "\n  name: ratings-v1-") - 1 // of a replica set
	}
	await(t, s.Changed)
	require.Equal(t, 2, pods())

	f, err := mesh.ParseFault("scale:bookinfo/ratings-v1=5")
	require.NoError(t, err)
	require.NoError(t, d.Mesh().Set(f))
	await(t, s.Changed)
	require.Equal(t, 5, pods())

	cancel()
	require.NoError(t, <-ended)
	require.NoError(t, d.Close())
	require.NoDirExists(t, filepath.Dir(home[0]))
}

func await(t *testing.T, changed <-chan struct{}) {
	t.Helper()
	select {
	case <-changed:
	case <-time.After(time.Minute):
		require.FailNow(t, "nothing has changed for a minute")
	}
}
