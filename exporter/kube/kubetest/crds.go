package kubetest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A CRDSet names the definitions of a project's custom resources, as files of
// the Go module that they are published in.
type CRDSet struct {
	// of is the module, and its version where this tree is not built with it.
	of, version string
	files       []string
}

// The custom resources of meshes, and those that a deployment of ours has.
var (
	Istio              = CRDSet{of: "istio.io/api", files: []string{"kubernetes/customresourcedefinitions.gen.yaml"}}
	GatewayAPI         = CRDSet{of: "sigs.k8s.io/gateway-api", files: []string{"config/crd/standard/*.yaml"}}
	PrometheusOperator = CRDSet{of: "github.com/prometheus-operator/prometheus-operator", version: "v0.85.0", files: []string{
		"example/prometheus-operator-crd/*_prometheusrules.yaml",
		"example/prometheus-operator-crd/*_servicemonitors.yaml",
	}}
)

// Manifests are the definitions.
func (s CRDSet) Manifests(t testing.TB) string {
	t.Helper()
	folder := s.folder(t)
	var all []string
	for _, pattern := range s.files {
		found, err := filepath.Glob(filepath.Join(folder, filepath.FromSlash(pattern)))
		require.NoError(t, err)
		require.NotEmpty(t, found, "%s in module %s", pattern, s.of)
		for _, file := range found {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			all = append(all, string(text))
		}
	}
	return strings.Join(all, "\n---\n")
}

// folder is where the module is on this machine.
func (s CRDSet) folder(t testing.TB) string {
	t.Helper()
	if s.version == "" {
		found, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", s.of).Output()
		require.NoError(t, err, "where is module %s", s.of)
		return strings.TrimSpace(string(found))
	}
	download := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", s.of+"@"+s.version)
	said, err := download.Output()
	var module struct{ Dir, Error string }
	require.NoError(t, json.Unmarshal(said, &module), "%s: %v", download, err)
	require.Empty(t, module.Error, "%s", download)
	return module.Dir
}
