package kube_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

// pod is the beginning of a pod's manifest that a controller has made.
func pod(name, ownerKind, owner, rest string) string {
	return fmt.Sprintf(`
apiVersion: v1
kind: Pod
metadata:
  name: %s
  generateName: %s-
  namespace: shop
  ownerReferences: [{apiVersion: x/v1, kind: %s, name: %s, uid: u, controller: true}]
%s
---`, name, name, ownerKind, owner, rest)
}

// Workloads have the names that proxies have for them in their telemetry.
func TestTopControllers(t *testing.T) {
	for _, tc := range []struct {
		name, manifests string
		want            []string
	}{
		{
			"a deployment, its replica set and its pod",
			`{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {template: {metadata: {labels: {app: web}}}}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web-6d4, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: u, controller: true}]}
spec: {template: {metadata: {labels: {app: web, pod-template-hash: 6d4}}}}
---` + pod("web-6d4-x", "ReplicaSet", "web-6d4", "  labels: {app: web, pod-template-hash: 6d4}"),
			[]string{"Deployment shop/web"},
		},
		{"a pod of a deployment, where nothing but pods may be read", pod("web-6d4-x", "ReplicaSet", "web-6d4", "  labels: {pod-template-hash: 6d4}"), []string{"Deployment shop/web"}},
		{"a pod of a replica set of its own", pod("web-x", "ReplicaSet", "web", ""), []string{"ReplicaSet shop/web"}},
		{"a rollout of Argo, by its pods", pod("web-77-x", "ReplicaSet", "web-77", "  labels: {rollouts-pod-template-hash: '77'}"), []string{"Rollout shop/web"}},
		{
			"an owner of another kind, by its replica set alone",
			`apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web-v1abc, namespace: shop, ownerReferences: [{apiVersion: x/v1, kind: CloneSet, name: web, uid: u, controller: true}]}
spec: {template: {metadata: {labels: {app: web}}}}`,
			[]string{"CloneSet shop/web"},
		},
		{"a stateful set", pod("db-0", "StatefulSet", "db", ""), []string{"StatefulSet shop/db"}},
		{"a daemon set", pod("agent-x", "DaemonSet", "agent", ""), []string{"DaemonSet shop/agent"}},
		{"OpenShift's", pod("web-2-x", "ReplicationController", "web-2", "  labels: {deploymentconfig: web}"), []string{"DeploymentConfig shop/web"}},
		{
			"a cron job, with a job of it",
			`{apiVersion: batch/v1, kind: CronJob, metadata: {name: backup, namespace: shop}, spec: {jobTemplate: {spec: {template: {metadata: {labels: {app: backup}}}}}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: backup-29384756, namespace: shop, ownerReferences: [{apiVersion: batch/v1, kind: CronJob, name: backup, uid: u, controller: true}]}
---` + pod("backup-29384756-x", "Job", "backup-29384756", ""),
			[]string{"CronJob shop/backup"},
		},
		{"a job by hand", `{apiVersion: batch/v1, kind: Job, metadata: {name: migrate, namespace: shop}}
---` + pod("migrate-x", "Job", "migrate", ""), []string{"Job shop/migrate"}},
		{"a pod by hand", `{apiVersion: v1, kind: Pod, metadata: {name: debug, namespace: shop}}`, []string{"Pod shop/debug"}},
		{
			"a static pod, which is called after its node", `apiVersion: v1
kind: Pod
metadata: {name: etcd-n1, namespace: shop, ownerReferences: [{apiVersion: v1, kind: Node, name: n1, uid: u, controller: true}]}`, []string{"Pod shop/etcd-n1"},
		},
		{
			"a name by label",
			`{apiVersion: apps/v1, kind: Deployment, metadata: {name: web-blue, namespace: shop}, spec: {template: {metadata: {labels: {service.istio.io/workload-name: web}}}}}
---` + pod("web-blue-6d4-x", "ReplicaSet", "web-blue-6d4", "  labels: {service.istio.io/workload-name: web, pod-template-hash: 6d4}"),
			[]string{"Deployment shop/web"},
		},
		{"a kind that is not known, with a template", `{apiVersion: x/v1, kind: Rollout, metadata: {name: web, namespace: shop}, spec: {template: {metadata: {labels: {app: web}}}}}`, []string{"Rollout shop/web"}},
		{"an older revision's replica set", `apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web-old, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: u, controller: true}]}
spec: {replicas: 0}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}}`, []string{"Deployment shop/web"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.want, all(inventory(t, tc.manifests)))
		})
	}
}

func TestReplicas(t *testing.T) {
	for _, tc := range []struct {
		name, manifests string
		want            []topology.Replicas
	}{
		{
			"deployment", `{apiVersion: apps/v1, kind: Deployment, metadata: {name: w, namespace: shop}, spec: {replicas: 3}, status: {observedGeneration: 1, replicas: 2, availableReplicas: 1}}`,
			[]topology.Replicas{{Workload: "w", Desired: 3, Current: 2, Available: 1}},
		},
		{
			"deployment that asks for no number", `{apiVersion: apps/v1, kind: Deployment, metadata: {name: w, namespace: shop}, status: {observedGeneration: 1}}`,
			[]topology.Replicas{{Workload: "w", Desired: 1}},
		},
		{"deployment that its controller has not seen", `{apiVersion: apps/v1, kind: Deployment, metadata: {name: w, namespace: shop}, spec: {replicas: 3}}`, nil},
		{
			"scaled to nothing", `{apiVersion: apps/v1, kind: Deployment, metadata: {name: w, namespace: shop}, spec: {replicas: 0}, status: {observedGeneration: 2}}`,
			[]topology.Replicas{{Workload: "w"}},
		},
		{
			"stateful set, of which ready ones are available", `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: w, namespace: shop}, spec: {replicas: 3}, status: {observedGeneration: 1, replicas: 3, readyReplicas: 2}}`,
			[]topology.Replicas{{Workload: "w", Desired: 3, Current: 3, Available: 2}},
		},
		{
			"daemon set, of nodes", `{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: w, namespace: shop}, status: {observedGeneration: 1, desiredNumberScheduled: 5, currentNumberScheduled: 4, numberAvailable: 3}}`,
			[]topology.Replicas{{Workload: "w", Desired: 5, Current: 4, Available: 3}},
		},
		{
			"job", `{apiVersion: batch/v1, kind: Job, metadata: {name: w, namespace: shop}, status: {active: 1, succeeded: 2, failed: 1}}`,
			[]topology.Replicas{{Workload: "w", Desired: 4, Current: 4, Available: 3}},
		},
		{
			"an owner that is not read, by its replica sets",
			`apiVersion: v1
kind: List
items:
  - apiVersion: apps/v1
    kind: ReplicaSet
    metadata: {name: w-1, namespace: shop, ownerReferences: [{apiVersion: x/v1, kind: Rollout, name: w, uid: u, controller: true}]}
    spec: {replicas: 3, template: {metadata: {labels: {app: old}}}}
    status: {observedGeneration: 1, replicas: 3, availableReplicas: 3}
  - apiVersion: apps/v1
    kind: ReplicaSet
    metadata: {name: w-2, namespace: shop, ownerReferences: [{apiVersion: x/v1, kind: Rollout, name: w, uid: u, controller: true}]}
    spec: {replicas: 1}
    status: {observedGeneration: 1, replicas: 1, availableReplicas: 0}`,
			[]topology.Replicas{{Workload: "w", Desired: 4, Current: 4, Available: 3}},
		},
		{
			"an owner that is not read, by its pods",
			pod("w-0", "Kafka", "w", "status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}") +
				pod("w-1", "Kafka", "w", "status: {phase: Running, conditions: [{type: Ready, status: 'False'}]}") +
				pod("w-2", "Kafka", "w", "status: {phase: Succeeded}"),
			[]topology.Replicas{{Workload: "w", Desired: 2, Current: 2, Available: 1}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := inventory(t, tc.manifests).Object(workload("shop", "w"))
			require.NotNil(t, o)
			require.Equal(t, tc.want, o.Replicas)
		})
	}
}

func TestDataplane(t *testing.T) {
	const plain = `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: w, namespace: shop}, spec: {template: {metadata: {labels: {app: w}}}}}
---`
	labelled := func(labels string) string {
		return `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: w, namespace: shop}, spec: {template: {metadata: {labels: {` + labels + `}}}}}
---`
	}
	namespace := func(labels string) string {
		return `{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {` + labels + `}}}
---
`
	}
	const (
		injected = `  annotations: {sidecar.istio.io/status: '{"initContainers":["istio-init"],"containers":["istio-proxy"]}'}`
		native   = `  annotations: {sidecar.istio.io/status: '{"initContainers":["istio-validation","istio-proxy"],"containers":null}'}`
		ambient  = `  annotations: {ambient.istio.io/redirection: enabled}`
		byHand   = `spec: {containers: [{name: app}, {name: istio-proxy}]}`
		ended    = `status: {phase: Succeeded}`
	)
	for _, tc := range []struct {
		name, manifests string
		want            topology.Dataplane
	}{
		{"injected", plain + pod("w-0", "StatefulSet", "w", injected), topology.Sidecar},
		{"as a native sidecar", plain + pod("w-0", "StatefulSet", "w", native), topology.Sidecar},
		{"put in by hand", plain + pod("w-0", "StatefulSet", "w", byHand), topology.Sidecar},
		{"one pod of two lacks it", plain + pod("w-0", "StatefulSet", "w", injected) + pod("w-1", "StatefulSet", "w", ""), topology.NoDataplane},
		{"a pod that has ended lacks it", plain + pod("w-0", "StatefulSet", "w", injected) + pod("w-1", "StatefulSet", "w", ended), topology.Sidecar},
		{"captured", plain + pod("w-0", "StatefulSet", "w", ambient), topology.Ambient},
		{"on the way from sidecars to ambient", plain + pod("w-0", "StatefulSet", "w", injected) + pod("w-1", "StatefulSet", "w", ambient), topology.Ambient},
		{"neither", plain + pod("w-0", "StatefulSet", "w", ""), topology.NoDataplane},
		{"neither, in a namespace that asks for it", namespace("istio-injection: enabled") + plain + pod("w-0", "StatefulSet", "w", ""), topology.NoDataplane},
		{"ztunnel", plain + pod("w-0", "StatefulSet", "w", "  labels: {app: ztunnel}"), topology.Ambient},
		{"ztunnel as Istio's chart names its container", plain + pod("w-0", "StatefulSet", "w", "  labels: {app: ztunnel}\n"+byHand), topology.Ambient},
		{"no pods, in a namespace that is injected", namespace("istio-injection: enabled") + plain, topology.Sidecar},
		{"no pods, in a namespace of a revision", namespace("istio.io/rev: stable") + plain, topology.Sidecar},
		{"no pods, that refuses injection", namespace("istio-injection: enabled") + labelled("sidecar.istio.io/inject: 'false'"), ""},
		{"no pods, that asks for injection", labelled("sidecar.istio.io/inject: 'true'"), topology.Sidecar},
		{"no pods, in an ambient namespace", namespace("istio.io/dataplane-mode: ambient") + plain, topology.Ambient},
		{"no pods, that refuses ambient", namespace("istio.io/dataplane-mode: ambient") + labelled("istio.io/dataplane-mode: none"), ""},
		{"no pods and no labels", plain, ""},
		{"gateway by Istio's charts", `{apiVersion: apps/v1, kind: Deployment, metadata: {name: w, namespace: shop}, spec: {template: {metadata: {annotations: {inject.istio.io/templates: gateway}}}}}`, topology.GatewayProxy},
		{"gateway by istioctl", labelled("operator.istio.io/component: EgressGateways"), topology.GatewayProxy},
		{"gateway by convention", labelled("istio: ingressgateway"), topology.GatewayProxy},
		{"gateway of the Gateway API", labelled("gateway.istio.io/managed: istio.io-gateway-controller"), topology.GatewayProxy},
		{"waypoint", labelled("gateway.istio.io/managed: istio.io-mesh-controller"), topology.WaypointHop},
		{
			"waypoint by its Gateway", plain + pod("w-0", "StatefulSet", "w", "") + `
{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: w, namespace: shop}, spec: {gatewayClassName: istio-waypoint}}`, topology.WaypointHop,
		},
		{
			"beside the control plane", plain + pod("w-0", "StatefulSet", "w", "") + `
{apiVersion: apps/v1, kind: Deployment, metadata: {name: istiod, namespace: shop}, spec: {template: {metadata: {labels: {app: istiod}}}}}`, "",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := inventory(t, tc.manifests).Object(workload("shop", "w"))
			require.NotNil(t, o)
			require.Equal(t, tc.want, o.Dataplane)
		})
	}
}

func TestCanonicalNames(t *testing.T) {
	for _, tc := range []struct{ labels, service, revision string }{
		{"", "w", "latest"},
		{"app: a, version: v1", "a", "v1"},
		{"app: a, app.kubernetes.io/name: b, version: v1, app.kubernetes.io/version: v2", "b", "v2"},
		{"service.istio.io/canonical-name: c, app.kubernetes.io/name: b, service.istio.io/canonical-revision: v3, version: v1", "c", "v3"},
		{"app: '', version: ''", "w", "latest"},
	} {
		i := inventory(t, `{apiVersion: apps/v1, kind: Deployment, metadata: {name: w, namespace: shop, labels: {app: other}}, spec: {template: {metadata: {labels: {`+tc.labels+`}}}}}`)
		o := i.Object(workload("shop", "w"))
		require.Equal(t, tc.service, o.CanonicalService, tc.labels)
		require.Equal(t, tc.revision, o.CanonicalRevision, tc.labels)
		require.Equal(t, o, i.Object(app("shop", tc.service, "w")), "as a version of the app")
		require.Nil(t, i.Object(app("shop", "another", "w")))
	}
}

// Kiali reads its annotation from the pods' template, or else from the controller.
func TestHealthRate(t *testing.T) {
	for _, tc := range []struct{ name, manifest, want string }{
		{"template", `{apiVersion: apps/v1, kind: Deployment, metadata: {name: w, namespace: shop, annotations: {health.kiali.io/rate: own}}, spec: {template: {metadata: {annotations: {health.kiali.io/rate: pods}}}}}`, "pods"},
		{"controller", `{apiVersion: apps/v1, kind: Deployment, metadata: {name: w, namespace: shop, annotations: {health.kiali.io/rate: own}}, spec: {template: {metadata: {annotations: {other: a}}}}}`, "own"},
		{"cron job", `{apiVersion: batch/v1, kind: CronJob, metadata: {name: w, namespace: shop, annotations: {health.kiali.io/rate: own}}}`, "own"},
		{"pod", `{apiVersion: v1, kind: Pod, metadata: {name: w, namespace: shop, annotations: {health.kiali.io/rate: own}}}`, "own"},
		{"none", `{apiVersion: v1, kind: Pod, metadata: {name: w, namespace: shop}}`, ""},
	} {
		require.Equal(t, tc.want, inventory(t, tc.manifest).Object(workload("shop", "w")).HealthRate, tc.name)
	}
	i := inventory(t, `{apiVersion: v1, kind: Service, metadata: {name: s, namespace: shop, annotations: {health.kiali.io/rate: own}}}`)
	require.Equal(t, "own", i.Object(service("shop", "s")).HealthRate)
}

func TestApps(t *testing.T) {
	i := inventory(t, `
apiVersion: apps/v1
kind: Deployment
metadata: {name: reviews-v1, namespace: shop, annotations: {health.kiali.io/rate: own}}
spec: {template: {metadata: {labels: {app: reviews, version: v1, team: a}}}}
status: {observedGeneration: 1, replicas: 1, availableReplicas: 1}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: reviews-v2, namespace: shop}
spec: {replicas: 2, template: {metadata: {labels: {app: reviews, version: v2, team: a}}}}
status: {observedGeneration: 1, replicas: 2}
---
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: shop, labels: {app: reviews, tier: web}}
spec: {selector: {app: reviews}}
---`+pod("reviews-v1-6d4-x", "ReplicaSet", "reviews-v1-6d4", `  labels: {app: reviews, pod-template-hash: 6d4}
  annotations: {ambient.istio.io/redirection: enabled}`)+pod("reviews-v2-6d5-x", "ReplicaSet", "reviews-v2-6d5", `  labels: {app: reviews, pod-template-hash: 6d5}`))

	reviews := i.Object(app("shop", "reviews", ""))
	require.Equal(t, map[string]string{"app": "reviews", "version": "v1,v2", "team": "a"}, reviews.Labels, "all values, as Kiali has them")
	require.Equal(t, []topology.Replicas{{Workload: "reviews-v1", Desired: 1, Current: 1, Available: 1}, {Workload: "reviews-v2", Desired: 2, Current: 2}}, reviews.Replicas)
	require.Equal(t, topology.NoDataplane, reviews.Dataplane, "one is not part of the mesh")
	require.Empty(t, reviews.HealthRate, "apps have no annotation")
	require.Equal(t, map[string]string{"app": "reviews", "version": "v1", "team": "a"}, i.Object(workload("shop", "reviews-v1")).Labels)

	of := i.Object(service("shop", "reviews"))
	require.Equal(t, []string{"reviews-v1", "reviews-v2"}, of.Workloads)
	require.Equal(t, "reviews", of.CanonicalService)
	require.Equal(t, map[string]string{"app": "reviews", "tier": "web"}, of.Labels)
	require.Nil(t, i.Object(service("other", "reviews")))
	require.Nil(t, i.Object(topology.Ref{Kind: topology.KindService, Cluster: "west", Namespace: "shop", Name: "reviews"}))
}

// Labels that each pod has for itself are not the workload's.
func TestPodLabels(t *testing.T) {
	i := inventory(t, pod("db-0", "Kafka", "db", `  labels: {app: db, apps.kubernetes.io/pod-index: '0', controller-revision-hash: a, statefulset.kubernetes.io/pod-name: db-0}`))
	require.Equal(t, map[string]string{"app": "db"}, i.Object(workload("shop", "db")).Labels)
}

func TestNoPods(t *testing.T) {
	const deployments = `
{apiVersion: apps/v1, kind: Deployment, metadata: {name: here, namespace: shop}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: dead, namespace: shop}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: unsaid, namespace: other}}
---`
	i := inventory(t, deployments+pod("here-6d4-x", "ReplicaSet", "here-6d4", "  labels: {pod-template-hash: 6d4}"))
	require.False(t, i.Object(workload("shop", "here")).NoPods)
	require.True(t, i.Object(workload("shop", "dead")).NoPods)
	require.True(t, i.Object(app("shop", "dead", "")).NoPods)
	require.False(t, i.Object(workload("other", "unsaid")).NoPods, "files may leave out a namespace's pods")
}

// What files have of a namespace is all there is of its kind.
func TestKnows(t *testing.T) {
	i := inventory(t, `
{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: w, namespace: shop}}
---
{apiVersion: v1, kind: Service, metadata: {name: s, namespace: other}}`)
	require.True(t, i.Knows(topology.KindWorkload, cluster, "shop"))
	require.True(t, i.Knows(topology.KindApp, cluster, "shop"))
	require.False(t, i.Knows(topology.KindWorkload, cluster, "other"))
	require.True(t, i.Knows(topology.KindService, cluster, "other"))
	require.False(t, i.Knows(topology.KindService, cluster, "shop"))
	require.False(t, i.Knows(topology.KindService, "west", "other"))
	require.False(t, i.Knows(topology.KindNamespace, cluster, "shop"), "no Namespace is among the objects")
	require.False(t, i.Knows(topology.KindOperation, cluster, "shop"))
}
