package kubernetes_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// monitored are the values for what the folder monitoring has.
const monitored = `{serviceMonitor: {enabled: true}, prometheusRule: {enabled: true}, dashboards: {enabled: true}}`

// TestChartAndKustomizeAreOne compares all objects, field by field, but for what only one of both can have.
func TestChartAndKustomizeAreOne(t *testing.T) {
	for folder, values := range map[string]string{"base": "{}", "monitoring": monitored} {
		t.Run(folder, func(t *testing.T) {
			want, got := parse(t, kustomize(t, folder)), parse(t, template(t, values))
			// A chart cannot label the namespace that it is put into.
			require.Contains(t, want, "Namespace "+namespace)
			delete(want, "Namespace "+namespace)
			want, got = comparable(t, want), comparable(t, got)
			for key := range got {
				require.Contains(t, want, key, "is the chart's alone")
			}
			for key, o := range want {
				require.Contains(t, got, key, "is kustomize's alone")
				require.Equal(t, o.Object, got[key].Object, key)
			}
		})
	}
}

var hashSuffix = regexp.MustCompile(`-[a-z0-9]{10}$`)

// comparable are objects without what tells how they were rendered: Helm's labels, and that pods are rolled by a
// checksum in Helm and by the name of the configuration in kustomize.
func comparable(t *testing.T, all objects) objects {
	t.Helper()
	compared := objects{}
	for _, o := range all {
		o = o.DeepCopy()
		labels := o.GetLabels()
		for _, label := range []string{"app.kubernetes.io/managed-by", "app.kubernetes.io/version", "helm.sh/chart"} {
			delete(labels, label)
		}
		o.SetLabels(labels)
		switch o.GetKind() {
		case "ConfigMap":
			if text, found, _ := unstructured.NestedString(o.Object, "data", "meshscope.yml"); found {
				o.SetName(hashSuffix.ReplaceAllString(o.GetName(), ""))
				var content map[string]any
				require.NoError(t, yaml.Unmarshal([]byte(text), &content))
				require.NoError(t, unstructured.SetNestedField(o.Object, content, "data", "meshscope.yml"))
			}
		case "Deployment":
			unstructured.RemoveNestedField(o.Object, "spec", "template", "metadata", "annotations")
			volumes, _, err := unstructured.NestedSlice(o.Object, "spec", "template", "spec", "volumes")
			require.NoError(t, err)
			config := volumes[0].(map[string]any)["configMap"].(map[string]any)
			config["name"] = hashSuffix.ReplaceAllString(config["name"].(string), "")
			require.NoError(t, unstructured.SetNestedSlice(o.Object, volumes, "spec", "template", "spec", "volumes"))
		}
		compared[key(o)] = o
	}
	return compared
}
