package kubetest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Mesh is the size of one that memory and time are measured of. Each of its
// services has a Deployment, and an app, of the same name.
type Mesh struct {
	Namespaces, Services, Pods int
	// IstioObjects are virtual services and destination rules, as many of each.
	IstioObjects int
}

// Large is the mesh that costs are promised of.
var Large = Mesh{Namespaces: 50, Services: 1000, Pods: 5000, IstioObjects: 2000}

// Service is where a service is, and what it is called.
func (m Mesh) Service(n int) (namespace, name string) {
	return fmt.Sprintf("ns-%d", n%m.Namespaces), fmt.Sprintf("svc-%d", n)
}

// Manifest writes all objects of the mesh into a file, with what controllers
// have said of them: replicas, and a condition of each object of Istio.
func (m Mesh) Manifest(t testing.TB) (file string) {
	t.Helper()
	var text strings.Builder
	for n := range m.Pods {
		namespace, name := m.Service(n % m.Services)
		fmt.Fprintf(&text, `
apiVersion: v1
kind: Pod
metadata:
  name: %[2]s-6d4-%[3]d
  generateName: %[2]s-6d4-
  namespace: %[1]s
  labels: {app: %[2]s, version: v1, pod-template-hash: 6d4}
  annotations: {sidecar.istio.io/status: '{"containers":["istio-proxy"]}'}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: %[2]s-6d4, uid: u, controller: true}]
---`, namespace, name, n)
	}
	replicas := m.Pods / m.Services
	for n := range m.Services {
		namespace, name := m.Service(n)
		fmt.Fprintf(&text, `
{apiVersion: apps/v1, kind: Deployment, metadata: {name: %[2]s, namespace: %[1]s}, spec: {replicas: %[3]d, template: {metadata: {labels: {app: %[2]s, version: v1}}}}, status: {observedGeneration: 1, replicas: %[3]d, availableReplicas: %[3]d}}
---
{apiVersion: v1, kind: Service, metadata: {name: %[2]s, namespace: %[1]s}, spec: {selector: {app: %[2]s}}}
---`, namespace, name, replicas)
	}
	const conditions = `{conditions: [{type: Reconciled, status: "True"}]}`
	for n := range m.IstioObjects / 2 {
		namespace, name := m.Service(n)
		fmt.Fprintf(&text, `
{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: %[2]s, namespace: %[1]s}, spec: {hosts: [%[2]s], http: [{route: [{destination: {host: %[2]s}}]}]}, status: %[3]s}
---
{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: %[2]s, namespace: %[1]s}, spec: {host: %[2]s, trafficPolicy: {connectionPool: {}}}, status: %[3]s}
---`, namespace, name, conditions)
	}
	file = filepath.Join(t.TempDir(), "mesh.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text.String()), 0o600))
	return file
}
