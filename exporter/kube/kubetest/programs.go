package kubetest

import (
	"os/exec"
	"strings"
	"testing"
)

// programs are the paths of what a cluster is made of.
type programs struct{ etcd, apiServer string }

// installed finds the programs in PATH, and skips the test where one is missing.
func installed(t testing.TB) programs {
	t.Helper()
	var found programs
	var missing []string
	for _, program := range []struct {
		name string
		path *string
	}{
		{"kube-apiserver", &found.apiServer},
		{"etcd", &found.etcd},
	} {
		var err error
		if *program.path, err = exec.LookPath(program.name); err != nil {
			missing = append(missing, program.name)
		}
	}
	if len(missing) > 0 {
		t.Skipf("there is no %s in PATH: .ci/programs --build makes what is missing, and tells where", strings.Join(missing, " and no "))
	}
	return found
}
