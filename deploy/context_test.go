package deploy_test

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	"github.com/stretchr/testify/require"
)

// ignored tells what builds do not see of the tree.
func ignored(t *testing.T) *patternmatcher.PatternMatcher {
	t.Helper()
	file, err := os.Open(dockerfile + ".dockerignore")
	require.NoError(t, err)
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	require.NoError(t, err)
	matcher, err := patternmatcher.New(patterns)
	require.NoError(t, err)
	return matcher
}

// taken are the paths in the tree that a stage copies.
func taken(t *testing.T, stage string) []string {
	t.Helper()
	var paths []string
	for _, c := range commands[*instructions.CopyCommand](t, stage) {
		if c.From == "" {
			paths = append(paths, c.SourcePaths...)
		}
	}
	return paths
}

// TestContext checks that what stages copy is there, and that builds see it.
func TestContext(t *testing.T) {
	matcher := ignored(t)
	for name := range stages(t) {
		for _, source := range taken(t, name) {
			seen, err := seenUnder(matcher, path.Clean(source))
			require.NoError(t, err, "copied by stage %s", name)
			require.True(t, seen, "%s, copied by stage %s, is wholly ignored by %s.dockerignore", source, name, dockerfile)
		}
	}
}

// seenUnder tells whether there is a file at or under a path that is not ignored.
func seenUnder(matcher *patternmatcher.PatternMatcher, source string) (bool, error) {
	found := errors.New("found")
	err := fs.WalkDir(os.DirFS(root), source, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden, err := matcher.MatchesOrParentMatches(path)
		switch {
		case err != nil:
			return err
		case hidden && entry.IsDir():
			return fs.SkipDir
		case !hidden && !entry.IsDir():
			return found
		}
		return nil
	})
	if errors.Is(err, found) {
		return true, nil
	}
	return false, err
}

// TestGoFilesAreCopied checks that stages have each file of this tree that they compile, by what Go itself says.
func TestGoFilesAreCopied(t *testing.T) {
	matcher := ignored(t)
	for stage, packages := range map[string][]string{
		"exporter-program": {"./exporter/cmd/meshscope"},
		"demo-program":     {"./exporter/cmd/meshscope-demo"},
		"backend":          {"./plugin/pkg"},
	} {
		copied := taken(t, stage)
		files := goFiles(t, packages...)
		require.NotEmpty(t, files)
		for _, file := range append(files, "go.mod", "go.sum") {
			hidden, err := matcher.MatchesOrParentMatches(file)
			require.NoError(t, err)
			require.False(t, hidden, "%s, compiled in stage %s, is ignored by %s.dockerignore", file, stage, dockerfile)
			require.True(t, slices.ContainsFunc(copied, func(source string) bool {
				return file == source || strings.HasPrefix(file, path.Clean(source)+"/")
			}), "%s is compiled in stage %s, which copies but %v", file, stage, copied)
		}
	}
}

// goFiles are the files of this tree that packages are compiled from.
func goFiles(t *testing.T, packages ...string) []string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", append([]string{"list", "-deps", "-json=Dir,Standard,Module,GoFiles,EmbedFiles"}, packages...)...)
	list.Dir = root
	list.Stderr = os.Stderr
	out, err := list.Output()
	require.NoError(t, err)
	tree, err := filepath.Abs(root)
	require.NoError(t, err)
	var files []string
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			Dir                 string
			GoFiles, EmbedFiles []string
			Module              *struct{ Main bool }
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return files
		} else {
			require.NoError(t, err)
		}
		if p.Module == nil || !p.Module.Main {
			continue
		}
		folder, err := filepath.Rel(tree, p.Dir)
		require.NoError(t, err)
		for _, name := range slices.Concat(p.GoFiles, p.EmbedFiles) {
			files = append(files, path.Join(filepath.ToSlash(folder), name))
		}
	}
}

// TestContextIsSmall checks that builds do not see what they have no use for, which would void their caches too.
func TestContextIsSmall(t *testing.T) {
	matcher := ignored(t)
	for _, path := range []string{
		".git/HEAD", "bin/meshscope", "README.md", "docs/metrics.md", "deploy/compose/.env", "exporter/app/app_test.go",
		"exporter/config/testdata/x.yml", "plugin/dist/module.js", "plugin/node_modules/react/index.js",
	} {
		hidden, err := matcher.MatchesOrParentMatches(path)
		require.NoError(t, err)
		require.True(t, hidden, path)
	}
}
