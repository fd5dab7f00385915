package election_test

import (
	"context"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/stretchr/testify/require"
	coordinationv1 "k8s.io/api/coordination/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/client-go/rest"

	"github.com/meshscope/meshscope/exporter/election"
	"github.com/meshscope/meshscope/exporter/kube/kubetest"
)

// Bounds of the promise that another leads within 20 s, with what a slow
// machine may add.
const (
	handover = 5 * time.Second
	takeover = 20 * time.Second
)

// leases are all the rights that it takes.
var leases = rbacv1.PolicyRule{
	APIGroups: []string{coordinationv1.GroupName}, Resources: []string{"leases"}, Verbs: []string{"get", "create", "update"},
}

// candidate is who stands for election.
type candidate struct {
	terms chan term
	stop  context.CancelFunc
	ended chan error
}

// term is one of a candidate.
type term struct {
	context.Context
	holds func() bool
	// stopped lets lead return.
	stopped chan struct{}
}

func stand(t *testing.T, access *rest.Config, name, identity string) *candidate {
	t.Helper()
	campaign, err := election.New(election.Options{
		Config: access, Namespace: "default", Name: name, Identity: identity, Logger: log.NewNopLogger(),
	})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	c := &candidate{terms: make(chan term, 10), stop: stop, ended: make(chan error, 1)}
	go func() {
		c.ended <- campaign.Run(ctx, func(ctx context.Context, holds func() bool) {
			term := term{ctx, holds, make(chan struct{})}
			c.terms <- term
			<-ctx.Done()
			<-term.stopped
		})
	}()
	t.Cleanup(stop)
	return c
}

// leads waits until a candidate leads.
func (c *candidate) leads(t *testing.T, within time.Duration) term {
	t.Helper()
	select {
	case term := <-c.terms:
		require.True(t, term.holds())
		return term
	case <-time.After(within):
		require.FailNow(t, "nobody leads", "after %s", within)
		return term{}
	}
}

func (c *candidate) followsFor(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-c.terms:
		require.FailNow(t, "two lead")
	case <-time.After(d):
	}
}

func (t term) ends(tt *testing.T, within time.Duration) {
	tt.Helper()
	select {
	case <-t.Done():
	case <-time.After(within):
		require.FailNow(tt, "the term goes on", "after %s", within)
	}
}

// The one that ends hands over at once, but not before it has stopped.
func TestHandover(t *testing.T) {
	cluster := kubetest.Start(t)
	access := cluster.User(t, "exporter", leases)
	first := stand(t, access, "handover", "first")
	led := first.leads(t, takeover)
	second := stand(t, access, "handover", "second")
	second.followsFor(t, 3*time.Second)
	require.True(t, led.holds())

	first.stop()
	led.ends(t, time.Second)
	second.followsFor(t, 5*time.Second)
	close(led.stopped)
	require.NoError(t, <-first.ended)
	require.False(t, led.holds())
	led = second.leads(t, handover)

	close(led.stopped)
	second.stop()
	require.NoError(t, <-second.ended)
	third := stand(t, access, "handover", "third")
	close(third.leads(t, handover).stopped)
}

// Without an API server the leader gives up, and nobody leads; with it again
// one of them does.
func TestWithoutServer(t *testing.T) {
	cluster := kubetest.Start(t)
	access := cluster.Config()
	first := stand(t, access, "alone", "first")
	led := first.leads(t, takeover)
	second := stand(t, access, "alone", "second")
	second.followsFor(t, time.Second)

	stopped := time.Now()
	cluster.Stop()
	require.Eventually(t, func() bool { return !led.holds() }, 15*time.Second, 10*time.Millisecond)
	t.Logf("gave up after %s", time.Since(stopped).Round(time.Millisecond))
	led.ends(t, takeover)
	close(led.stopped)
	second.followsFor(t, 5*time.Second)

	cluster.Restart(t)
	select {
	case again := <-first.terms:
		close(again.stopped)
		second.followsFor(t, 3*time.Second)
	case again := <-second.terms:
		close(again.stopped)
		first.followsFor(t, 3*time.Second)
	case <-time.After(takeover):
		require.Fail(t, "nobody leads")
	}
}

// Who may not write the lease does not lead, and does not fail.
func TestWithoutRights(t *testing.T) {
	cluster := kubetest.Start(t)
	access := cluster.User(t, "reader", rbacv1.PolicyRule{
		APIGroups: []string{coordinationv1.GroupName}, Resources: []string{"leases"}, Verbs: []string{"get"},
	})
	c := stand(t, access, "forbidden", "reader")
	c.followsFor(t, 5*time.Second)
	c.stop()
	require.NoError(t, <-c.ended)
}

func TestIdentity(t *testing.T) {
	one, err := election.NewIdentity()
	require.NoError(t, err)
	other, err := election.NewIdentity()
	require.NoError(t, err)
	require.NotEqual(t, one, other)
}
