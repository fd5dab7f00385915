package objects

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/kube/kubetest"
)

// What is written of each cluster is taken by a real API server as it is: each
// object, and what its status says.
func TestServerTakesTheDemosObjects(t *testing.T) {
	m := newMesh(t)
	set(t, m, "no-endpoints:bookinfo/reviews-v2") // for pods that are not ready
	set(t, m, "scale:bookinfo/details-v1=0")
	m.Advance(start.Add(10 * time.Minute))
	for _, c := range Of(m.Census()) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			server := kubetest.Start(t)
			server.InstallCRDs(t, kubetest.Istio, kubetest.GatewayAPI)
			var text bytes.Buffer
			require.NoError(t, c.Write(&text))
			require.NoError(t, server.Create(t.Context(), text.String()))
		})
	}
}
