package derived_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/plugin/pkg/derived"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
)

func TestProbe(t *testing.T) {
	store := derivedtest.Open(t)
	probe := func() derived.Found {
		found, err := sourceOf(t, store).Probe(context.Background(), store.Now)
		require.NoError(t, err)
		found.Refreshed = found.Refreshed.UTC()
		return found
	}
	assert.Equal(t, derived.Found{}, withoutTime(probe()), "an empty store")

	store.ScrapeRaw("istio_requests_total{reporter=\"source\"} 1\n")
	assert.Equal(t, derived.Found{Raw: true}, withoutTime(probe()), "a store without an exporter")

	store.Publish(nil, 1)
	found := probe()
	assert.Equal(t, 0, found.Edges)
	assert.Equal(t, store.Now, found.Refreshed)

	store.Publish(derivedtest.Mesh(60), 2)
	assert.Equal(t, derived.Found{Edges: 60, Namespaces: 16, Refreshed: store.Now}, probe())
}

func withoutTime(f derived.Found) derived.Found {
	if f.Refreshed.Unix() <= 0 {
		f.Refreshed = derived.Found{}.Refreshed
	}
	return f
}
