package kubernetes_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/meshscope/meshscope/exporter/config"
)

func TestHelmLint(t *testing.T) {
	for _, version := range kubeVersions {
		for _, values := range []string{"{}", monitored, everything} {
			arguments := templating(t, release, namespace, values)
			run(t, "helm", "lint", "--strict", "--kube-version", version, "--values", arguments[slices.Index(arguments, "--values")+1], chart)
		}
	}
}

// TestSchemaHasTheValues checks that values.yaml and its schema have the same keys.
func TestSchemaHasTheValues(t *testing.T) {
	type node struct {
		Properties map[string]json.RawMessage
	}
	var compare func(at string, values map[string]any, schema json.RawMessage)
	compare = func(at string, values map[string]any, schema json.RawMessage) {
		var n node
		require.NoError(t, json.Unmarshal(schema, &n))
		if n.Properties == nil || at == ".config" || at == ".resources" {
			return // whatever users want, or what others define
		}
		delete(n.Properties, "global")
		require.Equal(t, slices.Sorted(maps.Keys(n.Properties)), slices.Sorted(maps.Keys(values)), "at %q", at)
		for key, value := range values {
			if inner, ok := value.(map[string]any); ok {
				compare(at+"."+key, inner, n.Properties[key])
			}
		}
	}
	var values map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(read(t, chart, "values.yaml")), &values))
	compare("", values, json.RawMessage(read(t, chart, "values.schema.json")))
}

func TestValuesThatAreRefused(t *testing.T) {
	for values, says := range map[string]string{
		`{replica: 2}`:                                       "replica",
		`{networkPolicy: {enable: true}}`:                    "enable",
		`{replicas: two}`:                                    "replicas",
		`{config: {prometheus: {url: prometheus:9090}}}`:     "url",
		`{config: {prometeus: {}}}`:                          "prometeus",
		`{config: {leader_election: {enable: true}}}`:        "enable",
		`{image: {digest: latest}}`:                          "digest",
		`{config: {leader_election: {enabled: false}}}`:      "replicas: more than one takes config.leader_election.enabled",
		`{config: {leader_election: null}}`:                  "replicas: more than one takes config.leader_election.enabled",
		`{serviceAccount: {create: false}}`:                  "serviceAccount.name",
		`{serviceMonitor: {enabled: true, interval: often}}`: "interval",
	} {
		require.Contains(t, refusal(t, values), says, values)
	}
}

// TestConfigurationIsValid has the exporter's own reader take what the chart makes of values.
func TestConfigurationIsValid(t *testing.T) {
	for _, values := range []string{"{}", monitored, everything} {
		text := as[corev1.ConfigMap](t, parse(t, template(t, values)), "ConfigMap meshscope-config").Data["meshscope.yml"]
		cfg, err := config.Parse("meshscope.yml", []byte(text))
		require.NoError(t, err)
		require.Empty(t, cfg.Warnings())
	}
	cfg, err := config.Load("base/meshscope.yml")
	require.NoError(t, err)
	require.Empty(t, cfg.Warnings())
}

// TestChangesRollPods checks that pods are made anew when their configuration changes, and only then.
func TestChangesRollPods(t *testing.T) {
	sum := func(values string) string {
		return as[appsv1.Deployment](t, parse(t, template(t, values)), "Deployment meshscope").Spec.Template.Annotations["checksum/config"]
	}
	require.NotEmpty(t, sum("{}"))
	require.Equal(t, sum("{}"), sum("{replicas: 3}"))
	require.NotEqual(t, sum("{}"), sum("{config: {limits: {max_edges: 20000}}}"))
}

// TestRightsFollowTheConfiguration checks that there is no right that the configuration has no use for.
func TestRightsFollowTheConfiguration(t *testing.T) {
	const alone = "replicas: 1\nconfig: {leader_election: {enabled: false}%s}"
	for _, tc := range []struct {
		name, config                  string
		reads, elects, token, asksAPI bool
	}{
		{"all", "{}", true, true, true, true},
		{"one replica", strings.ReplaceAll(alone, "%s", ""), true, false, true, true},
		{"telemetry alone", strings.ReplaceAll(alone, "%s", ", kubernetes: null"), false, false, false, false},
		{"telemetry of two replicas", "{config: {kubernetes: null}}", false, true, true, true},
		{"another cluster", strings.ReplaceAll(alone, "%s", ", kubernetes: {clusters: [{name: west, kubeconfig: west}]}"), false, false, false, true},
		{"files", strings.ReplaceAll(alone, "%s", ", kubernetes: {clusters: [{name: west, manifests: [west.yaml]}]}"), false, false, false, false},
		{"home elsewhere", "{config: {kubernetes: {clusters: [{name: west, kubeconfig: west}, {name: Kubernetes}]}}}", true, false, true, true},
		{"all elsewhere", "{config: {kubernetes: {clusters: [{name: west, kubeconfig: west}]}}}", false, false, false, true},
		{"rights of one's own", "{rbac: {create: false}}", false, false, true, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			all := parse(t, template(t, tc.config))
			for _, kind := range []string{"ClusterRole meshscope", "ClusterRoleBinding meshscope"} {
				require.Equal(t, tc.reads, all[kind] != nil, kind)
			}
			for _, kind := range []string{"Role meshscope", "RoleBinding meshscope"} {
				require.Equal(t, tc.elects, all[kind] != nil, kind)
			}
			require.Equal(t, tc.token, *as[appsv1.Deployment](t, all, "Deployment meshscope").Spec.Template.Spec.AutomountServiceAccountToken)
			require.Equal(t, tc.asksAPI, slices.Contains(egress(t, all), "TCP 6443"))
		})
	}
}

// egress are the ports that a NetworkPolicy lets pods go to.
func egress(t *testing.T, all objects) (ports []string) {
	t.Helper()
	for _, rule := range as[networkingv1.NetworkPolicy](t, all, "NetworkPolicy meshscope").Spec.Egress {
		require.Empty(t, rule.To)
		for _, port := range rule.Ports {
			ports = append(ports, string(*port.Protocol)+" "+port.Port.String())
		}
	}
	return ports
}

// TestPolicyFollowsTheStore checks that pods may go to the port of the store.
func TestPolicyFollowsTheStore(t *testing.T) {
	for url, port := range map[string]string{
		"http://prometheus.istio-system:9090":        "9090",
		"http://mimir-gateway.mimir/prometheus":      "80",
		"https://thanos.example.com":                 "443",
		"https://thanos.example.com:10443/tenant:80": "10443",
		"http://[2001:db8::9090]:9091/":              "9091",
		"https://[2001:db8::9090]/":                  "443",
	} {
		all := parse(t, template(t, "{config: {prometheus: {url: '"+url+"'}}}"))
		require.Equal(t, []string{"UDP 53", "TCP 53", "TCP " + port, "TCP 443", "TCP 6443"}, egress(t, all), url)
	}
}

// TestScrapeIntervalIsTheStep checks that the exporter is scraped as often as the proxies, unless something else is said.
func TestScrapeIntervalIsTheStep(t *testing.T) {
	for values, want := range map[string]string{
		"{serviceMonitor: {enabled: true}}":                                               config.Default().Refresh.Step.String(),
		"{serviceMonitor: {enabled: true}, config: {refresh: {step: 30s}}}":               "30s",
		"{serviceMonitor: {enabled: true, interval: 5s}, config: {refresh: {step: 30s}}}": "5s",
	} {
		endpoints, _, err := unstructured.NestedSlice(parse(t, template(t, values))["ServiceMonitor meshscope"].Object, "spec", "endpoints")
		require.NoError(t, err)
		require.Len(t, endpoints, 1)
		require.Equal(t, want, endpoints[0].(map[string]any)["interval"])
	}
}

// TestOtherNames releases the chart under another name into another namespace, and checks that its objects go together.
func TestOtherNames(t *testing.T) {
	all := parse(t, templateAs(t, "east", "observability", monitored))
	const name, clusterName = "east-meshscope", "observability-east-meshscope"
	for key, o := range all {
		if o.GetNamespace() == "" {
			require.Equal(t, clusterName, o.GetName(), key)
		} else {
			require.Equal(t, "observability", o.GetNamespace(), key)
			require.Regexp(t, "^"+name+"($|-)", o.GetName(), key)
		}
	}
	pod := as[appsv1.Deployment](t, all, "Deployment "+name).Spec.Template
	require.Contains(t, all, "ServiceAccount "+pod.Spec.ServiceAccountName)
	require.Contains(t, all, "ConfigMap "+pod.Spec.Volumes[0].ConfigMap.Name)
	for label, value := range as[corev1.Service](t, all, "Service "+name).Spec.Selector {
		require.Equal(t, value, pod.Labels[label], label)
	}
	for _, binding := range []rbacv1.Subject{
		as[rbacv1.ClusterRoleBinding](t, all, "ClusterRoleBinding "+clusterName).Subjects[0],
		as[rbacv1.RoleBinding](t, all, "RoleBinding "+name).Subjects[0],
	} {
		require.Equal(t, rbacv1.Subject{Kind: "ServiceAccount", Name: pod.Spec.ServiceAccountName, Namespace: "observability"}, binding)
	}
	require.Contains(t, all, "ClusterRole "+as[rbacv1.ClusterRoleBinding](t, all, "ClusterRoleBinding "+clusterName).RoleRef.Name)
	require.Contains(t, all, "Role "+as[rbacv1.RoleBinding](t, all, "RoleBinding "+name).RoleRef.Name)

	cfg, err := config.Parse("meshscope.yml", []byte(as[corev1.ConfigMap](t, all, "ConfigMap "+name+"-config").Data["meshscope.yml"]))
	require.NoError(t, err)
	require.Equal(t, name, cfg.LeaderElection.Name, "two releases in a namespace are two elections")
	require.Equal(t, []string{name}, as[rbacv1.Role](t, all, "Role "+name).Rules[1].ResourceNames)

	elsewhere := parse(t, template(t, "{config: {leader_election: {namespace: leases, name: mesh}}}"))
	role := as[rbacv1.Role](t, elsewhere, "Role meshscope")
	require.Equal(t, "leases", role.Namespace)
	require.Equal(t, []string{"mesh"}, role.Rules[1].ResourceNames)
}
