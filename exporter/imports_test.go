// Package exporter_test holds the code to the folder table of docs/architecture.md.
package exporter_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	root   = ".."
	module = "github.com/meshscope/meshscope"
	table  = "docs/architecture.md"
)

// pureImports is what pure packages may import beside each other: nothing that
// does I/O, knows the time of day or draws at random. Of expr that holds as
// filter uses it, without its own functions.
var pureImports = strings.Fields(`bytes cmp encoding/binary errors fmt hash/crc32 hash/fnv iter maps math math/bits net/netip
	github.com/agnivade/levenshtein github.com/expr-lang/expr github.com/expr-lang/expr/ast github.com/expr-lang/expr/checker
	github.com/expr-lang/expr/compiler github.com/expr-lang/expr/conf github.com/expr-lang/expr/file
	github.com/expr-lang/expr/parser github.com/expr-lang/expr/types github.com/expr-lang/expr/vm
	reflect regexp regexp/syntax slices sort strconv strings sync sync/atomic time unicode unicode/utf16 unicode/utf8`)

// impure are the functions in packages of pureImports that are not pure.
var impure = map[string][]string{
	"fmt":  strings.Fields(`Print Printf Println Scan Scanf Scanln`),
	"time": strings.Fields(`After AfterFunc Local LoadLocation NewTicker NewTimer Now Since Sleep Tick Until`),
}

// TestFolders checks the imports of all packages against the table.
func TestFolders(t *testing.T) {
	rules := readTable(t)
	used := map[string]bool{}
	for _, f := range sources(t) {
		rule, ok := ruleOf(rules, f.folder)
		if !ok && f.isTest() {
			continue
		}
		if !ok {
			t.Errorf("%s: the folder is not in the table of %s", f.folder, table)
			continue
		}
		used[rule.folder] = true
		for _, imported := range f.imports() {
			ours, isOurs := strings.CutPrefix(imported, module+"/")
			switch {
			case strings.HasPrefix(f.folder, "exporter/") && strings.HasPrefix(ours, "plugin/"):
				t.Errorf("%s imports %s: the exporter knows nothing of the plugin", f.path, ours)
			case f.isTest():
			case isTestSupport(ours):
				t.Errorf("%s imports %s, which is for tests", f.path, ours)
			case isOurs && !rule.allows(ours):
				t.Errorf("%s imports %s, which the table of %s does not allow", f.path, ours, table)
			case !isOurs && rule.pure && !slices.Contains(pureImports, imported):
				t.Errorf("%s imports %s, and is pure by the table of %s", f.path, imported, table)
			}
		}
	}
	for _, rule := range rules {
		if !used[rule.folder] {
			t.Errorf("%s is in the table of %s, and has no code", rule.folder, table)
		}
	}
}

// TestPureCode looks in pure packages for functions that are not.
func TestPureCode(t *testing.T) {
	rules := readTable(t)
	for _, f := range sources(t) {
		if rule, ok := ruleOf(rules, f.folder); !ok || !rule.pure || f.isTest() {
			continue
		}
		ast.Inspect(f.file, func(n ast.Node) bool {
			if selector, ok := n.(*ast.SelectorExpr); ok {
				if of, ok := selector.X.(*ast.Ident); ok && slices.Contains(impure[f.named(of.Name)], selector.Sel.Name) {
					t.Errorf("%s: %s.%s in a pure package", f.fileSet.Position(n.Pos()), of.Name, selector.Sel.Name)
				}
			}
			return true
		})
	}
}

// TestBinaries checks what is linked into the programs that run beside a mesh.
func TestBinaries(t *testing.T) {
	// What go list reads is read here too, for the test cache to know of it.
	sources(t)
	for _, name := range []string{"go.mod", "go.sum"} {
		_, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
	}
	for _, program := range []string{"exporter/cmd/meshscope", "plugin/pkg"} {
		list := exec.CommandContext(t.Context(), "go", "list", "-deps", "./"+program)
		list.Dir = root
		text, err := list.Output()
		if failed, ok := err.(*exec.ExitError); ok { //nolint:errorlint // Output returns it as it is.
			t.Fatalf("go list: %s", failed.Stderr)
		}
		require.NoError(t, err)
		for linked := range strings.Lines(string(text)) {
			linked = strings.TrimSpace(linked)
			for _, unwanted := range []string{
				"github.com/prometheus/prometheus", // its engine is the demo's
				"github.com/stretchr/testify",
				module + "/exporter/demo",
			} {
				if linked == unwanted || strings.HasPrefix(linked, unwanted+"/") {
					t.Errorf("%s links %s", program, linked)
				}
			}
		}
	}
}

// rule is a row of the table.
type rule struct {
	folder string
	may    []string
	pure   bool
}

// allows tells whether a package under the rule may import another of ours.
func (r rule) allows(imported string) bool {
	return within(imported, r.folder) || slices.ContainsFunc(r.may, func(pattern string) bool {
		folder, all := strings.CutSuffix(pattern, "/...")
		return imported == folder || all && within(imported, folder)
	})
}

func within(folder, outer string) bool {
	return folder == outer || strings.HasPrefix(folder, outer+"/")
}

// ruleOf is the row that speaks of a folder: its own, or that of the nearest above it.
func ruleOf(rules []rule, folder string) (rule, bool) {
	for ; folder != "."; folder = path.Dir(folder) {
		if i := slices.IndexFunc(rules, func(r rule) bool { return r.folder == folder }); i >= 0 {
			return rules[i], true
		}
	}
	return rule{}, false
}

var (
	tableRow = regexp.MustCompile("^\\| `([^`]+)` \\|.*\\|([^|]*)\\|([^|]*)\\|$")
	quoted   = regexp.MustCompile("`([^`]+)`")
)

// readTable reads the folder table: folder, what it holds, what of ours it may
// import, and whether it is pure.
func readTable(t *testing.T) (rules []rule) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, table))
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "\n## Packages\n")
	require.True(t, found, "no section on packages in %s", table)
	section, _, _ = strings.Cut(section, "\n## ")
	for line := range strings.Lines(section) {
		m := tableRow.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		r := rule{folder: m[1], pure: strings.TrimSpace(m[3]) == "pure"}
		for _, name := range quoted.FindAllStringSubmatch(m[2], -1) {
			if strings.HasPrefix(name[1], "plugin/") {
				r.may = append(r.may, name[1])
			} else {
				r.may = append(r.may, "exporter/"+name[1])
			}
		}
		rules = append(rules, r)
	}
	require.NotEmpty(t, rules)
	for _, r := range rules {
		for _, may := range r.may {
			of, known := ruleOf(rules, strings.TrimSuffix(may, "/..."))
			require.True(t, known, "%s may import %s, which is not in the table", r.folder, may)
			require.True(t, !r.pure || of.pure, "%s is pure, and may import %s, which is not", r.folder, may)
		}
	}
	return rules
}

// source is a file of Go.
type source struct {
	path, folder string // from the root, with slashes
	file         *ast.File
	fileSet      *token.FileSet
}

// sources reads all Go files of exporter/ and plugin/, whatever they are built for.
func sources(t *testing.T) (all []source) {
	t.Helper()
	fileSet := token.NewFileSet()
	for _, top := range []string{"exporter", "plugin"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "node_modules" || entry.Name() == "dist"):
				return filepath.SkipDir
			case entry.IsDir() || filepath.Ext(name) != ".go":
				return nil
			}
			file, err := parser.ParseFile(fileSet, name, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			inner, err := filepath.Rel(root, name)
			if err != nil {
				return err
			}
			inner = filepath.ToSlash(inner)
			all = append(all, source{inner, path.Dir(inner), file, fileSet})
			return nil
		})
		require.NoError(t, err)
	}
	require.NotEmpty(t, all)
	return all
}

func (s source) isTest() bool {
	return strings.HasSuffix(s.path, "_test.go") || isTestSupport(s.folder)
}

// isTestSupport tells packages for tests by their name, as in net/http/httptest.
func isTestSupport(folder string) bool { return strings.HasSuffix(folder, "test") }

func (s source) imports() (paths []string) {
	for _, i := range s.file.Imports {
		paths = append(paths, importPath(i))
	}
	return paths
}

// named is the path of the package that has a name in the file.
func (s source) named(name string) string {
	for _, i := range s.file.Imports {
		imported, as := importPath(i), ""
		if i.Name != nil {
			as = i.Name.Name
		}
		if cmp.Or(as, path.Base(imported)) == name {
			return imported
		}
	}
	return ""
}

func importPath(i *ast.ImportSpec) string {
	imported, err := strconv.Unquote(i.Path.Value)
	if err != nil {
		panic(err) // the parser has read it
	}
	return imported
}
