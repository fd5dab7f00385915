// Package kubernetes_test checks what is put on clusters from here: that the chart and the kustomize base are one and the
// same, that a real API server takes all of it, and that the exporter can do with the rights that it is given.
package kubernetes_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/meshscope/meshscope/exporter/kube/kubetest"
)

// The paths are as seen from this folder.
const (
	root  = "../.."
	chart = "helm/meshscope"
)

// The names that the kustomize base has, and the chart when it is released under them.
const (
	release   = "meshscope"
	namespace = "meshscope"
)

// kubeVersions are what the chart is rendered for: the oldest that it allows, and that of the API server in .ci/programs.
var kubeVersions = []string{"1.27.0", "1.36.3"}

var shared kubetest.Shared

func TestMain(m *testing.M) { os.Exit(shared.Run(m)) }

// objects are what is rendered, by kind and name.
type objects map[string]*unstructured.Unstructured

// kustomize builds a folder.
func kustomize(t *testing.T, folder string) string {
	t.Helper()
	return run(t, "kustomize", "build", folder)
}

// template renders the chart as it is under the names of the base, with values in YAML.
func template(t *testing.T, values string) string {
	t.Helper()
	return templateAs(t, release, namespace, values)
}

func templateAs(t *testing.T, release, namespace, values string) string {
	t.Helper()
	return run(t, "helm", templating(t, release, namespace, values)...)
}

// refusal is what Helm says of values that it does not take.
func refusal(t *testing.T, values string) string {
	t.Helper()
	installed(t, "helm")
	said, err := exec.CommandContext(t.Context(), "helm", templating(t, release, namespace, values)...).CombinedOutput()
	require.Error(t, err, "values are taken: %s", values)
	return string(said)
}

func templating(t *testing.T, release, namespace, values string) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "values.yaml")
	require.NoError(t, os.WriteFile(file, []byte(values), 0o600))
	return []string{
		"template", release, chart, "--namespace", namespace, "--values", file, "--kube-version", kubeVersions[len(kubeVersions)-1],
	}
}

// run is what a program prints.
func run(t *testing.T, program string, arguments ...string) string {
	t.Helper()
	installed(t, program)
	cmd := exec.CommandContext(t.Context(), program, arguments...)
	var said, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &complaint
	require.NoError(t, cmd.Run(), "%s: %s", cmd, &complaint)
	return said.String()
}

// installed skips the test where there is no such program.
func installed(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("there is no %s: .ci/programs --build makes one, and tells where", program)
	}
}

// parse reads what was rendered.
func parse(t *testing.T, rendered string) objects {
	t.Helper()
	all := objects{}
	for reader := yaml.NewYAMLReader(bufio.NewReader(strings.NewReader(rendered))); ; {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		o := &unstructured.Unstructured{}
		require.NoError(t, yaml.Unmarshal(document, &o.Object))
		if len(o.Object) == 0 {
			continue // nothing but comments
		}
		require.NotContains(t, all, key(o), "there are two")
		all[key(o)] = o
	}
	require.NotEmpty(t, all)
	return all
}

func key(o *unstructured.Unstructured) string { return fmt.Sprintf("%s %s", o.GetKind(), o.GetName()) }

// text is the objects as manifests.
func (all objects) text(t *testing.T) string {
	t.Helper()
	var text strings.Builder
	for _, o := range all {
		json, err := o.MarshalJSON()
		require.NoError(t, err)
		text.WriteString("---\n")
		text.Write(json)
		text.WriteString("\n")
	}
	return text.String()
}

// as is an object in the form of its Go type.
func as[T any](t *testing.T, all objects, key string) T {
	t.Helper()
	require.Contains(t, all, key)
	var typed T
	require.NoError(t, runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(all[key].Object, &typed, true))
	return typed
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	require.NoError(t, err)
	return string(text)
}
