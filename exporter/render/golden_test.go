package render_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/render"
	"github.com/meshscope/meshscope/exporter/topology"
)

var update = flag.Bool("update", false, "write the golden files of testdata anew")

var extensions = map[string]string{"table": ".txt", "json": ".json", "dot": ".dot", "mermaid": ".mmd"}

// Each form of Bookinfo is a file of testdata, to be read by people. After a
// change that is meant, write them anew and read what has changed:
//
//	go test ./exporter/render -run Golden -update && git diff exporter/render/testdata
func TestGolden(t *testing.T) {
	g := bookinfo(topology.ByWorkload)
	for _, f := range render.Formats {
		t.Run(f.Name, func(t *testing.T) { requireGolden(t, "bookinfo"+extensions[f.Name], written(t, f, g, 0)) })
	}
	for _, f := range render.Formats {
		t.Run("judged "+f.Name, func(t *testing.T) {
			requireGolden(t, "judged"+extensions[f.Name], written(t, f, judged(topology.ByWorkload), 0))
		})
	}
	table, err := render.ParseFormat("table")
	require.NoError(t, err)
	t.Run("table of 80 columns", func(t *testing.T) { requireGolden(t, "bookinfo-80.txt", written(t, table, g, 80)) })
	t.Run("judged table of 100 columns", func(t *testing.T) {
		requireGolden(t, "judged-100.txt", written(t, table, judged(topology.ByWorkload), 100))
	})
}

func requireGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want, +got):\n%s", path, diff)
	}
}

func written(t require.TestingT, f render.Format, g *topology.Graph, width int) string {
	var b bytes.Buffer
	require.NoError(t, f.Write(&b, g, width))
	return b.String()
}
