// Package jsonnettest holds jsonnet sources to their form, and the files that
// are made from them to their sources.
package jsonnettest

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/formatter"
	"github.com/google/go-jsonnet/linter"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Files returns the files that a source makes, by name: what `jsonnet --multi`
// writes.
func Files(t testing.TB, source string) map[string]string {
	t.Helper()
	files, err := jsonnet.MakeVM().EvaluateFileMulti(source)
	require.NoError(t, err)
	return files
}

// UpToDate requires that the folder has these files as they are, and no others
// of that kind. It says how to make them anew.
func UpToDate(t *testing.T, folder, pattern string, files map[string]string, how string) {
	t.Helper()
	require.NotEmpty(t, files)
	found, err := filepath.Glob(filepath.Join(folder, pattern))
	require.NoError(t, err)
	for _, path := range found {
		assert.Contains(t, files, filepath.Base(path), "%s is not made from anything any more", path)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err, "run %s", how)
		assert.Equal(t, want, string(got), "run %s", how)
	}
}

// WellFormed requires that the sources in and below a folder are formatted as
// jsonnetfmt does it, and that jsonnet-lint has no remarks.
func WellFormed(t *testing.T, folder string) {
	t.Helper()
	found := sources(t, folder)
	require.NotEmpty(t, found, "no jsonnet in %s", folder)
	for _, source := range found {
		t.Run(filepath.ToSlash(source), func(t *testing.T) {
			text, err := os.ReadFile(source)
			require.NoError(t, err)
			formatted, err := formatter.Format(source, string(text), formatter.DefaultOptions())
			require.NoError(t, err)
			assert.Equal(t, formatted, string(text), "run go tool jsonnetfmt -i %s", source)
			var remarks bytes.Buffer
			if linter.LintSnippet(jsonnet.MakeVM(), &remarks, []linter.Snippet{{FileName: source, Code: string(text)}}) {
				t.Errorf("jsonnet-lint:\n%s", remarks.String())
			}
		})
	}
}

func sources(t *testing.T, folder string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && slices.Contains([]string{".jsonnet", ".libsonnet"}, filepath.Ext(path)) {
			found = append(found, path)
		}
		return err
	})
	require.NoError(t, err)
	return found
}
