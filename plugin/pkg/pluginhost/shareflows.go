package pluginhost

import (
	"context"
	"fmt"
	"time"

	"github.com/meshscope/meshscope/exporter/share"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// askedSource is a source that tells what it would ask.
type askedSource interface {
	flowSource
	// Question is the same for views that have the same flows over an interval.
	Question(iv topology.Interval, q query.Query) (string, error)
}

// sharedFlows lets those who need the same flows share them. Nobody changes
// what is in an answer.
type sharedFlows struct {
	askedSource
	forwarding forwarding
	answers    *share.Answers[source.Answer]
}

func shareFlows(from askedSource, f forwarding) *sharedFlows {
	return &sharedFlows{from, f, share.New(share.Options[source.Answer]{
		Workers: maxFlows,
		Keep:    keepFlows,
		MaxKept: maxKeptAnswers,
		MaxSize: maxKeptFlows,
		Size:    keptSize,
	})}
}

// keptSize is the size of an answer that may be kept. What is empty may fill
// yet, and what lacks something may be complete the next time.
func keptSize(a source.Answer) int {
	if len(a.Flows) == 0 || len(a.Warnings) > 0 {
		return -1
	}
	return len(a.Flows)
}

// Flows are those of the source, for all who ask for them with the same identity.
func (s *sharedFlows) Flows(ctx context.Context, iv topology.Interval, q query.Query) (source.Answer, error) {
	who, ok := s.forwarding.sender(ctx)
	if !ok {
		return s.askedSource.Flows(ctx, iv, q)
	}
	what, err := s.Question(iv, q)
	if err != nil {
		return source.Answer{}, err
	}
	return s.answers.Ask(ctx, share.Question[source.Answer]{
		Key: fmt.Sprintf("%s %d %d %s", who, iv.End.UnixNano(), iv.Length, what),
		Answer: func(ctx context.Context, _ time.Time) (source.Answer, error) {
			return s.askedSource.Flows(ctx, iv, q)
		},
	})
}
