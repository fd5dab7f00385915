package catalog_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/plugin/catalog"
)

const root = "../.."

// TestOurs holds the plugin to the rules as far as its sources go: what compilers make of them is checked where the archive is made.
func TestOurs(t *testing.T) {
	packageJSON := read(t, "plugin/package.json")
	version := regexp.MustCompile(`"version": "(.*)"`).FindStringSubmatch(packageJSON)[1]
	plugin := good(t, nil)
	for _, name := range []string{"img/mesh.png", "img/logo.svg", "dashboards/overview.json"} {
		delete(plugin, name)
	}
	about := strings.NewReplacer("%VERSION%", version+"-dev", "%TODAY%", "2026-01-02", `"type": "datasource"`, `"type": "datasource", "buildMode": "production"`)
	plugin["plugin.json"] = &fstest.MapFile{Data: []byte(about.Replace(read(t, "plugin/src/plugin.json")))}
	for name, from := range map[string]string{"README.md": "plugin/README.md", "CHANGELOG.md": "plugin/CHANGELOG.md", "LICENSE": "plugin/LICENSE"} {
		plugin[name] = &fstest.MapFile{Data: []byte(read(t, from))}
	}
	for folder, from := range map[string]string{"img": "plugin/src/img/*", "dashboards": "dashboards/*.json"} {
		files, err := filepath.Glob(filepath.Join(root, from))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			plugin[path.Join(folder, filepath.Base(file))] = &fstest.MapFile{Data: text}
		}
	}
	for _, fault := range catalog.Faults(plugin, catalog.Release{Version: version + "-dev"}) {
		t.Error(fault)
	}
}

// TestLinksIntoTheTree follows the links of what the catalog shows that lead to this tree, and to the headings there.
func TestLinksIntoTheTree(t *testing.T) {
	within := regexp.MustCompile(`^https://(?:github\.com/meshscope/meshscope/(?:blob|tree)|raw\.githubusercontent\.com/meshscope/meshscope)/main/([^#]*)(?:#(.*))?$`)
	found := 0
	for _, page := range []string{"plugin/README.md", "plugin/CHANGELOG.md"} {
		for _, link := range catalog.Links(read(t, page)) {
			to := within.FindStringSubmatch(link)
			if to == nil {
				continue
			}
			found++
			_, err := fs.Stat(os.DirFS(root), strings.TrimSuffix(to[1], "/"))
			require.NoError(t, err, "%s links %s", page, link)
			if to[2] == "" {
				continue
			}
			require.Contains(t, catalog.Anchors(read(t, to[1])), to[2], "%s links %s", page, link)
		}
	}
	require.NotZero(t, found)
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	require.NoError(t, err)
	return string(text)
}
