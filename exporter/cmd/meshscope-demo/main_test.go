package main

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/demo/mesh"
)

func TestParse(t *testing.T) {
	o, err := parse(nil, io.Discard, io.Discard)
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:9877", o.demo.ExporterAddress)
	require.Equal(t, "127.0.0.1:9090", o.demo.PrometheusAddress)
	require.Equal(t, "127.0.0.1:9878", o.demo.DemoAddress)
	require.Equal(t, 10*time.Minute, o.demo.History)

	o, err = parse([]string{"--no-prometheus"}, io.Discard, io.Discard)
	require.NoError(t, err)
	require.True(t, o.noExporter)
	require.Empty(t, o.demo.PrometheusAddress)

	o, err = parse([]string{
		"--seed=7", "--namespaces=50", "--no-exporter",
		"--fault=errors:bookinfo/reviews-v2->bookinfo/ratings-v1=0.5", "--fault=scale:bookinfo/ratings-v1=3",
	}, io.Discard, io.Discard)
	require.NoError(t, err)
	require.True(t, o.noExporter)
	require.Equal(t, mesh.Config{
		Seed: 7, Namespaces: 50, Workloads: 20, Churn: true,
		Faults: []mesh.Fault{
			{Kind: mesh.Errors, SourceNamespace: "bookinfo", SourceWorkload: "reviews-v2", DestinationNamespace: "bookinfo", DestinationWorkload: "ratings-v1", Value: 0.5},
			{Kind: mesh.Scale, DestinationNamespace: "bookinfo", DestinationWorkload: "ratings-v1", Value: 3},
		},
	}, o.demo.Mesh)
}

// TestRun starts the program as a user does, and reads what it says.
func TestRun(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	free := []string{"--demo.listen-address=127.0.0.1:0", "--prometheus.listen-address=127.0.0.1:0", "--history=1m"}

	for _, tc := range []struct {
		name      string
		arguments []string
		status    int
		stdout    string
		stderr    string
	}{
		{"help", []string{"--help"}, 0, "--prometheus.listen-address=\"127.0.0.1:9090\"", ""},
		{"version", []string{"--version"}, 0, "", ""},
		{"unknown flag", []string{"--nope"}, 2, "", "meshscope-demo: error: unknown long flag '--nope'"},
		{"bad fault", []string{"--fault=chaos"}, 2, "", `meshscope-demo: error: fault "chaos": not of the form kind:`},
		{"fault of nothing", append([]string{"--fault=restart:a/b"}, free...), 1, "", `fault "restart:a/b": unknown workload a/b: the mesh has no namespace a`},
		{"taken port", append(free[:1:1], "--prometheus.listen-address="+taken.Addr().String()), 1, "", "address already in use: choose another address with --prometheus.listen-address"},
		{"ends by its context", append([]string{"--no-exporter"}, free...), 0, "waiting for the first refresh\n", `msg="no exporter runs here: run it yourself" prometheus.url=http://127.0.0.1:`},
		{"the mesh alone", append([]string{"--no-prometheus"}, free...), 0, "", `msg="the mesh is listening, and is yours to scrape" demo=http://127.0.0.1:`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			stdout, stderr := file(t), file(t)
			require.Equal(t, tc.status, run(ctx, tc.arguments, stdout, stderr))
			require.Contains(t, content(t, stdout), tc.stdout)
			require.Contains(t, content(t, stderr), tc.stderr)
		})
	}
}

func file(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

func content(t *testing.T, f *os.File) string {
	t.Helper()
	text, err := os.ReadFile(f.Name())
	require.NoError(t, err)
	return string(text)
}
