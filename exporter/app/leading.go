package app

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/go-kit/log"

	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/election"
	"github.com/meshscope/meshscope/exporter/kube"
	"github.com/meshscope/meshscope/exporter/refresh"
)

// leading runs a refresh loop while this exporter leads: always, or for its terms if there are elections.
type leading struct {
	loop     *refresh.Loop
	logger   log.Logger
	identity string

	mu      sync.Mutex
	rules   electionRules
	contest *election.Campaign // nil without elections
	again   func()             // ends what runs, to begin again by other rules
}

// electionRules are what a configuration says of elections.
type electionRules struct {
	config.LeaderElection
	home kube.ClusterOptions
}

func electionRulesOf(cfg *config.Config) electionRules {
	r := electionRules{LeaderElection: cfg.LeaderElection}
	if clusters := clusterOptions(cfg.Kubernetes.Clusters); len(clusters) > 0 {
		r.home = clusters[0]
	}
	return r
}

func (r electionRules) equal(o electionRules) bool {
	same := r.LeaderElection == o.LeaderElection && r.home.Name == o.home.Name && r.home.Kubeconfig == o.home.Kubeconfig &&
		r.home.Context == o.home.Context && slices.Equal(r.home.Manifests, o.home.Manifests)
	return same || !r.Enabled && !o.Enabled
}

// newLeading is a leading that does not run yet.
func newLeading(cfg *config.Config, loop *refresh.Loop, logger log.Logger) (*leading, error) {
	identity, err := election.NewIdentity()
	if err != nil {
		return nil, err
	}
	l := &leading{loop: loop, logger: logger, identity: identity, rules: electionRulesOf(cfg), again: func() {}}
	l.contest, err = l.campaign(l.rules)
	if l.contest != nil {
		loop.Lead(func() bool { return false }) // not until it is elected
	}
	return l, err
}

// campaign is what elections take by the rules; nil without any.
func (l *leading) campaign(r electionRules) (*election.Campaign, error) {
	if !r.Enabled {
		return nil, nil
	}
	access, namespace, err := r.home.Home(r.Namespace)
	if err != nil {
		return nil, fmt.Errorf("leader_election: %w", err)
	}
	return election.New(election.Options{
		Config: access, Namespace: namespace, Name: r.Name, Identity: l.identity, Logger: l.logger,
	})
}

// prepare makes what a configuration takes, and returns how to take it over.
func (l *leading) prepare(cfg *config.Config) (takeOver func(), err error) {
	rules := electionRulesOf(cfg)
	if rules.equal(l.rules) {
		return func() {}, nil
	}
	contest, err := l.campaign(rules)
	if err != nil {
		return nil, err
	}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.rules, l.contest = rules, contest
		l.again()
	}, nil
}

// run leads, or stands for election, until ctx ends.
func (l *leading) run(ctx context.Context) error {
	for ctx.Err() == nil {
		now, again := context.WithCancel(ctx)
		l.mu.Lock()
		contest := l.contest
		l.again = again
		l.mu.Unlock()
		err := l.runBy(now, contest)
		again()
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *leading) runBy(ctx context.Context, contest *election.Campaign) error {
	if contest == nil {
		l.loop.Lead(func() bool { return true })
		return l.loop.Run(ctx)
	}
	l.loop.StandBy()
	var failed error
	err := contest.Run(ctx, func(term context.Context, holds func() bool) {
		l.loop.Lead(holds)
		// At the end at once, and again when a refresh that was under way has ended.
		defer l.loop.StandBy()
		defer context.AfterFunc(term, l.loop.StandBy)()
		failed = l.loop.Run(term)
	})
	if err == nil {
		err = failed
	}
	return err
}
