// Package istiotest gives tests the telemetry of meshes that were not made for
// them: what real systems have reported, and what others have seen of it.
package istiotest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Case is the path of a file of the project's shared cases, which lie beside
// the repository's root in ../shared/cases. Where they are not, the test is
// skipped.
func Case(t testing.TB, name string) string {
	t.Helper()
	cases := filepath.Join(root(t), "..", "shared", "cases")
	if _, err := os.Stat(cases); os.IsNotExist(err) {
		t.Skipf("the project's cases are not beside the repository's root, in %s", cases)
	}
	path := filepath.Join(cases, name)
	require.FileExists(t, path)
	return path
}

// root is the nearest folder above the test's that holds a go.mod.
func root(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		above := filepath.Dir(folder)
		require.NotEqual(t, folder, above, "no go.mod above the test")
		folder = above
	}
}
