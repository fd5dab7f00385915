// Package storetest opens stores for tests that ask them over HTTP.
package storetest

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/demo/store"
	"github.com/meshscope/meshscope/exporter/promql"
)

// Open opens an empty store that answers at url until the test ends, and a
// client of it.
func Open(t testing.TB) (s *store.Store, url string, client *promql.Client) {
	t.Helper()
	s, err := store.Open(store.Options{})
	require.NoError(t, err)
	server := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, s.Close())
	})
	client, err = promql.New(promql.Options{URL: server.URL})
	require.NoError(t, err)
	return s, server.URL, client
}
