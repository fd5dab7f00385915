package pluginhost_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	"github.com/meshscope/meshscope/plugin/pkg/pluginhost"
)

// At a refresh, whoever was there stays where it was, whoever else comes or goes
// and however it is shown; and whoever comes back is where it was.
func TestNodesStay(t *testing.T) {
	fewer := derivedtest.Mesh(40)
	all := slices.Clone(fewer)
	for i, name := range []string{"audit", "report"} {
		more := all[9*i] // one that is called by one that is there
		more.Key.Destination.Workload, more.Key.Destination.CanonicalService = name+"-v1", name
		more.Key.Service.Name, more.Key.Service.Host = name, name+"."+more.Key.Service.Namespace+".svc.cluster.local"
		all = append(all, more)
	}
	const window = 24 // intervals, more than a query looks at
	store := derivedtest.Open(t)
	store.Settle(all)
	store.Publish(fewer, window)
	before := store.Now
	store.Publish(all, window)
	after := store.Now
	store.Publish(fewer, window)
	data := instanceAt(t, store.URL)

	first := drawnAt(t, data, before, `{"layout": "layered"}`)
	second := drawnAt(t, data, after, `{"layout": "layered", "colorBy": "mtls"}`)
	require.Greater(t, len(second), len(first), "nodes have come")
	assert.Subset(t, second, first)
	assert.Equal(t, first, drawnAt(t, data, store.Now, `{"layout": "layered"}`), "nodes have gone")
	assert.Equal(t, second, drawnAt(t, data, after, `{"layout": "layered"}`), "nodes are back")

	// That says something: who begins with the second graph sees another one.
	assert.NotSubset(t, drawnAt(t, instanceAt(t, store.URL), after, `{"layout": "layered"}`), first)
	// And other views are drawn by themselves.
	for _, view := range []string{`{"layout": "layered", "level": "app"}`, `{"layout": "layered", "limit": 5}`, `{"layout": "layered", "filter": "edge.requestRate > 0"}`} {
		assert.Equal(t, drawnAt(t, instanceAt(t, store.URL), after, view), drawnAt(t, data, after, view), view)
	}
}

// drawnAt is where the nodes of a graph are, by their ids.
func drawnAt(t *testing.T, data *pluginhost.Instance, end time.Time, stored string) map[string][2]float64 {
	t.Helper()
	response := ask(t, data, end, stored)
	require.NoError(t, response.Error)
	return framestest.Places(t, response.Frames)
}
