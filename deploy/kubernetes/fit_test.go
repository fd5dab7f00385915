package kubernetes_test

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshscope/meshscope/exporter/web"
)

// TestImage holds the image, its user and its port to what deploy/images builds.
func TestImage(t *testing.T) {
	_, exporter, ok := strings.Cut(read(t, root, "deploy/images/Dockerfile"), " AS exporter\n")
	require.True(t, ok)
	title := found(t, exporter, `image\.title="(\S+)"`)
	version := found(t, read(t, root, "Makefile"), `(?m)^VERSION .*,([^,()]+)\)$`)
	pod := as[appsv1.Deployment](t, parse(t, kustomize(t, "base")), "Deployment meshscope").Spec.Template.Spec
	container := pod.Containers[0]
	require.Equal(t, title+":"+version, container.Image)
	require.Equal(t, "65532", found(t, read(t, root, "deploy/images/Dockerfile"), `(?m)^USER (\d+):`))
	require.EqualValues(t, 65532, *pod.SecurityContext.RunAsUser)
	require.Equal(t, web.DefaultListenAddress, ":"+strconv.Itoa(int(container.Ports[0].ContainerPort)))
}

// TestJob holds the job of the exporter, which is a label of its Service, to what rules and dashboards select by.
func TestJob(t *testing.T) {
	all := parse(t, kustomize(t, "monitoring"))
	label, _, err := unstructured.NestedString(all["ServiceMonitor meshscope"].Object, "spec", "jobLabel")
	require.NoError(t, err)
	job := found(t, read(t, root, "mixin/config.libsonnet"), `exporterSelector: 'job="([^"]+)"'`)
	require.Equal(t, job, as[corev1.Service](t, all, "Service meshscope").Labels[label])
}

// TestDashboards checks that each dashboard is there, as it is.
func TestDashboards(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "dashboards/*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for name, rendered := range map[string]string{"kustomize": kustomize(t, "monitoring"), "chart": template(t, monitored)} {
		all := parse(t, rendered)
		for _, file := range files {
			base := filepath.Base(file)
			dashboard := as[corev1.ConfigMap](t, all, "ConfigMap meshscope-dashboard-"+strings.TrimSuffix(base, ".json"))
			require.Equal(t, "1", dashboard.Labels["grafana_dashboard"], name)
			require.True(t, json.Valid([]byte(dashboard.Data[base])))
			require.Equal(t, read(t, file), dashboard.Data[base], "%s of %s", base, name)
		}
	}
}

// found is what a pattern's group matches.
func found(t *testing.T, text, pattern string) string {
	t.Helper()
	match := regexp.MustCompile(pattern).FindStringSubmatch(text)
	require.NotNil(t, match, pattern)
	return match[1]
}
