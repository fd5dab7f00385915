package mesh

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestZtunnelLabels compares with a series of a real ztunnel 1.24 in front of
// Bookinfo, of which only the namespace and one service account differ here.
func TestZtunnelLabels(t *testing.T) {
	server := &workload{
		cluster: homeCluster, namespace: "default", name: "details-v1", app: "details", version: "v1", labelled: true,
		serviceAccount: "bookinfo-details", service: kubernetesService("default", "details"), dataplane: ambient,
	}
	client := &workload{
		cluster: homeCluster, namespace: "default", name: "productpage-v1", app: "productpage", version: "v1", labelled: true,
		serviceAccount: "bookinfo-productpage", dataplane: ambient,
	}
	r := &route{source: client, destination: server, protocol: protocolTCP}
	require.Equal(t, `reporter="destination",source_workload="productpage-v1",source_canonical_service="productpage",`+
		`source_canonical_revision="v1",source_workload_namespace="default",`+
		`source_principal="spiffe://cluster.local/ns/default/sa/bookinfo-productpage",source_app="productpage",`+
		`source_version="v1",source_cluster="Kubernetes",destination_service="details.default.svc.cluster.local",`+
		`destination_service_namespace="default",destination_service_name="details",destination_workload="details-v1",`+
		`destination_canonical_service="details",destination_canonical_revision="v1",destination_workload_namespace="default",`+
		`destination_principal="spiffe://cluster.local/ns/default/sa/bookinfo-details",destination_app="details",`+
		`destination_version="v1",destination_cluster="Kubernetes",request_protocol="tcp",response_flags="-",`+
		`connection_security_policy="mutual_tls"`,
		r.report(atDestination, response{flags: "-"}, true, false).labels())
}

func TestLabelsAreEscaped(t *testing.T) {
	got := report{source: peer{workload: "a\"b\\c\nd"}}.labels()
	require.Contains(t, got, `source_workload="a\"b\\c\nd"`)
}
