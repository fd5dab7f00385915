package main_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// unwanted are packages that reach what Grafana's catalog keeps plugins from: files, other programs, memory, system calls.
var unwanted = strings.Fields(`embed io/fs io/ioutil os/exec os/signal os/user path/filepath plugin syscall unsafe
	golang.org/x/sys/unix golang.org/x/sys/windows C`)

// TestBackendKeepsOffTheMachine looks at the code of this tree that is linked into the backend. Of os it takes the end of the
// process: environment and files are Grafana's.
func TestBackendKeepsOffTheMachine(t *testing.T) {
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=Dir,Module,GoFiles", ".")
	list.Stderr = os.Stderr
	out, err := list.Output()
	require.NoError(t, err)
	looked := 0
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var linked struct {
			Dir     string
			GoFiles []string
			Module  *struct{ Main bool }
		}
		if err := decoder.Decode(&linked); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
		if linked.Module == nil || !linked.Module.Main {
			continue
		}
		for _, name := range linked.GoFiles {
			looked++
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, filepath.Join(linked.Dir, name), nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			for _, spec := range file.Imports {
				imported, err := strconv.Unquote(spec.Path.Value)
				require.NoError(t, err)
				if slices.Contains(unwanted, imported) {
					t.Errorf("%s imports %s", files.Position(spec.Pos()), imported)
				}
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if selector, ok := n.(*ast.SelectorExpr); ok {
					if of, ok := selector.X.(*ast.Ident); ok && of.Name == "os" && selector.Sel.Name != "Exit" {
						t.Errorf("%s: os.%s", files.Position(n.Pos()), selector.Sel.Name)
					}
				}
				return true
			})
		}
	}
	require.Greater(t, looked, 50, "the files of the backend")
}
