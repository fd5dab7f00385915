package election

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coordination "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/klog/v2"

	"github.com/meshscope/meshscope/exporter/logging"
)

// Who does not renew the lease for leaseDuration has lost it: a leader that is
// killed is followed by another within vacancy. A leader that cannot renew it
// for renewDeadline gives up before others may lead.
const (
	leaseDuration = 11 * time.Second
	renewDeadline = 7 * time.Second
	retryPeriod   = 1500 * time.Millisecond
)

// vacancy is the longest time for which nobody leads after a leader was killed:
// who stands by looks at the lease at least once in longestPause, so it may see
// the last renewal that late, and the end of the lease that late again.
const (
	longestPause = retryPeriod + time.Duration(leaderelection.JitterFactor*float64(retryPeriod))
	vacancy      = longestPause + leaseDuration + longestPause
)

// Options are what it takes to stand for election.
type Options struct {
	// Config is the way to the API server that keeps the lease.
	Config *rest.Config
	// Namespace and Name are the lease's.
	Namespace, Name string
	// Identity tells one exporter from another.
	Identity string
	Logger   log.Logger
}

// NewIdentity is the name of this machine, which is a pod's own, and a word
// that no earlier process here had.
func NewIdentity() (string, error) {
	host, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("cannot tell this exporter from others: %w", err)
	}
	return host + "_" + rand.Text()[:8], nil
}

// Campaign stands for election again and again.
type Campaign struct {
	options Options
	client  coordination.CoordinationV1Interface
}

// New is a Campaign that has not begun.
func New(o Options) (*Campaign, error) {
	config := rest.CopyConfig(o.Config)
	// A request that hangs must not take all the time that there is for renewing.
	config.Timeout = renewDeadline / 2
	client, err := coordination.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("cannot ask the API server for the lease: %w", err)
	}
	return &Campaign{options: o, client: client}, nil
}

// Run stands for election until ctx ends, and calls lead for each term of this
// exporter, one at a time. A term ends with its context; holds tells at any
// time whether it still lasts, even where nothing could tell its end yet, as
// after a machine was suspended. When ctx ends, the lease is given back, but
// not before lead has returned.
func (c *Campaign) Run(ctx context.Context, lead Lead) error {
	for ctx.Err() == nil {
		if err := c.stand(ctx, lead); err != nil {
			return err
		}
	}
	return nil
}

// Lead does what the leader does, until its term ends.
type Lead func(term context.Context, holds func() bool)

// stand waits for one term, and for its end.
func (c *Campaign) stand(ctx context.Context, lead Lead) error {
	standing, giveBack := context.WithCancel(context.WithoutCancel(ctx))
	defer giveBack()
	standing = klog.NewContext(standing, logr.FromSlogHandler(logging.Slog(c.options.Logger).Handler()))

	t := &term{lead: lead}
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Namespace: c.options.Namespace, Name: c.options.Name},
			Client:     c.client,
			LockConfig: resourcelock.ResourceLockConfig{Identity: c.options.Identity},
		},
		LeaseDuration: leaseDuration, RenewDeadline: renewDeadline, RetryPeriod: retryPeriod,
		ReleaseOnCancel: true,
		Name:            c.options.Namespace + "/" + c.options.Name,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(leading context.Context) { t.serve(leading, ctx) },
			OnStoppedLeading: func() {},
			OnNewLeader:      c.noteLeader,
		},
	})
	if err != nil {
		return fmt.Errorf("cannot stand for election: %w", err)
	}
	// A leader gives up a try before its lease is over, to be sure that it does
	// so before others know.
	t.holds = func() bool { return elector.IsLeader() && elector.Check(-retryPeriod) == nil }
	defer context.AfterFunc(ctx, func() {
		t.end()
		giveBack()
	})()
	elector.Run(standing)
	t.end()
	return nil
}

func (c *Campaign) noteLeader(identity string) {
	switch identity {
	case "":
		level.Info(c.options.Logger).Log("msg", "nobody leads")
	case c.options.Identity:
		level.Info(c.options.Logger).Log("msg", "elected: this exporter leads", "identity", identity)
	default:
		level.Info(c.options.Logger).Log("msg", "another exporter leads", "leader", identity, "identity", c.options.Identity)
	}
}

// term is the time for which an exporter leads, at most once.
type term struct {
	lead  Lead
	holds func() bool

	mu      sync.Mutex
	over    bool
	serving sync.WaitGroup
}

// serve leads until either context ends.
func (t *term) serve(leading, ctx context.Context) {
	if !t.begin() {
		return
	}
	defer t.serving.Done()
	leading, stop := context.WithCancel(leading)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	t.lead(leading, t.holds)
}

func (t *term) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return false
	}
	t.serving.Add(1)
	return true
}

// end waits until nobody leads, and nobody will.
func (t *term) end() {
	t.mu.Lock()
	t.over = true
	t.mu.Unlock()
	t.serving.Wait()
}
