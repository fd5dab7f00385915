package truth_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/topology"
)

// T7: directions are named from the call. A proxy counts TCP as it looks from
// downstream: what it "received", the client sent, and that is request bytes,
// on both sides of the call (istio#32399).
func TestT7DirectionsAreNamedFromTheCall(t *testing.T) {
	for _, reporter := range []string{"source", "destination"} {
		t.Run(reporter, func(t *testing.T) {
			var m mesh
			c := call("shop/carts", "data/mongo")
			m.counts(istio.TCPRequestBytes, reporter, c, 100)
			m.counts(istio.TCPResponseBytes, reporter, c, 900)
			http := call("shop/web", "shop/carts")
			m.requests(reporter, http, 1)
			m.counts(istio.RequestBytes, reporter, http, 10)
			m.counts(istio.ResponseBytes, reporter, http, 90)
			grpc := call("shop/web", "shop/prices").with("request_protocol", "grpc")
			m.counts(istio.RequestMessages, reporter, grpc, 1)
			m.counts(istio.ResponseMessages, reporter, grpc, 9)

			require.Equal(t, "istio_tcp_received_bytes_total", istio.TCPRequestBytes.Name)
			g := m.graph(t, view{})
			request, response := edgeOf(t, g, "shop/carts", "data/mongo", topology.TCP).Traffic.TCPBytes()
			require.InDelta(t, 100, rate(request), tolerance)
			require.InDelta(t, 900, rate(response), tolerance)
			bodies := edgeOf(t, g, "shop/web", "shop/carts", topology.HTTP).Traffic
			require.InDelta(t, 10, rate(bodies.RequestBytes), tolerance)
			require.InDelta(t, 90, rate(bodies.ResponseBytes), tolerance)
			messages := edgeOf(t, g, "shop/web", "shop/prices", topology.GRPC).Traffic
			require.InDelta(t, 1, rate(messages.RequestMessages), tolerance)
			require.InDelta(t, 9, rate(messages.ResponseMessages), tolerance)
		})
	}
}
