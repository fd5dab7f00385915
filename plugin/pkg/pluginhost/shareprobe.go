package pluginhost

import (
	"context"
	"fmt"
	"time"

	"github.com/meshscope/meshscope/exporter/share"
	"github.com/meshscope/meshscope/plugin/pkg/probe"
)

// sharedProbe lets those who look for the same share what they see. That
// something is there is kept as flows are; that nothing is may change.
type sharedProbe struct {
	prober
	forwarding forwarding
	found      *share.Answers[probe.Found]
	has        *share.Answers[bool]
}

func shareProbe(p prober, f forwarding) *sharedProbe {
	return &sharedProbe{
		prober:     p,
		forwarding: f,
		found:      share.New(share.Options[probe.Found]{Workers: maxConcurrency}),
		has: share.New(share.Options[bool]{
			Workers: maxConcurrency,
			Keep:    keepFlows,
			MaxKept: 100,
			Size: func(has bool) int {
				if !has {
					return -1
				}
				return 0
			},
		}),
	}
}

// Look looks for what there was shortly before a time.
func (s *sharedProbe) Look(ctx context.Context, at time.Time, raw bool) (probe.Found, error) {
	who, ok := s.forwarding.sender(ctx)
	if !ok {
		return s.prober.Look(ctx, at, raw)
	}
	return s.found.Ask(ctx, share.Question[probe.Found]{
		Key:    fmt.Sprintf("%s %d %t", who, at.UnixNano(), raw),
		Answer: func(ctx context.Context, _ time.Time) (probe.Found, error) { return s.prober.Look(ctx, at, raw) },
	})
}

// HasDerived tells whether an exporter published topology shortly before a time.
func (s *sharedProbe) HasDerived(ctx context.Context, at time.Time) (bool, error) {
	return s.hasAny(ctx, "derived", at, s.prober.HasDerived)
}

// HasRaw tells whether there were Istio's own series shortly before a time.
func (s *sharedProbe) HasRaw(ctx context.Context, at time.Time) (bool, error) {
	return s.hasAny(ctx, "raw", at, s.prober.HasRaw)
}

func (s *sharedProbe) hasAny(ctx context.Context, what string, at time.Time, look func(context.Context, time.Time) (bool, error)) (bool, error) {
	who, ok := s.forwarding.sender(ctx)
	if !ok {
		return look(ctx, at)
	}
	return s.has.Ask(ctx, share.Question[bool]{
		Key:    fmt.Sprintf("%s %s %d", who, what, at.UnixNano()),
		Answer: func(ctx context.Context, _ time.Time) (bool, error) { return look(ctx, at) },
	})
}
