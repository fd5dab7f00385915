package kubetest

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Shared is a cluster that all tests of a package use, started by the first one
// that needs it:
//
//	var shared kubetest.Shared
//
//	func TestMain(m *testing.M) { os.Exit(shared.Run(m)) }
//
//	func TestSomething(t *testing.T) { cluster := shared.Cluster(t) … }
//
// Tests keep out of each other's way by names of their own. One that stops the
// API server needs a cluster of its own, by Start.
type Shared struct {
	once    sync.Once
	cluster *Cluster
	err     error
}

// Run runs the tests, and ends the cluster after them. It returns the exit status.
func (s *Shared) Run(m *testing.M) int {
	defer func() {
		if s.cluster != nil {
			s.cluster.end()
		}
	}()
	return m.Run()
}

// Cluster is the cluster.
func (s *Shared) Cluster(t testing.TB) *Cluster {
	t.Helper()
	found := installed(t)
	s.once.Do(func() { s.cluster, s.err = launch(found) })
	require.NoError(t, s.err)
	return s.cluster
}
