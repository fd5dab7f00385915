package truth_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The list in docs/development.md of what is shown of the graph, and by what,
// names tests and fixtures that there are, and all tests and fixtures of this
// package.
func TestWhatIsShownIsListed(t *testing.T) {
	page, err := os.ReadFile("../../docs/development.md")
	require.NoError(t, err)
	_, section, ok := strings.Cut(string(page), "### What is shown, and by what\n")
	require.True(t, ok)
	section, _, _ = strings.Cut(section, "\n### ")
	section, _, _ = strings.Cut(section, "\n## ")

	here, everywhere := map[string]bool{}, map[string]bool{}
	require.NoError(t, filepath.WalkDir("../..", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == "node_modules":
			return fs.SkipDir
		case !strings.HasSuffix(file, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(file)
		for _, found := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`).FindAllStringSubmatch(string(source), -1) {
			everywhere[found[1]] = true
			here[found[1]] = here[found[1]] || filepath.Dir(file) == "../../exporter/truth"
		}
		return err
	}))
	listed := map[string]bool{}
	for _, name := range regexp.MustCompile("`((?:Test|Fuzz|Benchmark)\\w+)`").FindAllStringSubmatch(section, -1) {
		require.True(t, everywhere[name[1]], "%s is listed, and is no test", name[1])
		listed[name[1]] = true
	}
	for name, isHere := range here {
		if isHere && name != t.Name() {
			require.True(t, listed[name], "%s is not listed", name)
		}
	}

	fixtures, err := filepath.Glob("testdata/reporters/*.prom")
	require.NoError(t, err)
	for _, file := range fixtures {
		name := strings.TrimSuffix(filepath.Base(file), ".prom")
		require.Contains(t, section, "`"+name+"`", "the fixture is not listed")
	}
	for _, name := range regexp.MustCompile("(?m)^\\| .* \\| ((?:`[a-z-]+`(?:, )?)+) \\|$").FindAllStringSubmatch(section, -1) {
		for fixture := range strings.SplitSeq(name[1], ", ") {
			require.FileExists(t, "testdata/reporters/"+strings.Trim(fixture, "`")+".prom")
		}
	}
}
