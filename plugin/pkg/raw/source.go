package raw

import (
	"slices"
	"strings"
	"sync"

	"github.com/meshscope/meshscope/exporter/derive"
	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// Source derives flows from the series of one store.
type Source struct{ askers askers }

// New is a Source of the store that a client asks.
func New(client *promql.Client) *Source {
	s := &Source{}
	s.askers.New = func() any {
		a := &asker{}
		a.Asker = derive.NewAsker(derive.Options{
			Client: client,
			// A viewer is told of warnings, and sees what there is.
			AllowPartial: true,
			Observe:      a.observe,
		})
		return a
	}
	return s
}

// askers are those that asked before: they know the label sets of the mesh,
// which hardly change from one question to the next.
type askers struct{ sync.Pool }

func (p *askers) borrow() (a *asker, giveBack func()) {
	a = p.Get().(*asker)
	a.observed = nil
	return a, func() { p.Put(a) }
}

// asker asks for one viewer at a time, and keeps what it asked.
type asker struct {
	*derive.Asker

	mu       sync.Mutex
	observed []derive.Observation
}

func (a *asker) observe(o derive.Observation) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.observed = append(a.observed, o)
}

// asked are the queries so far, in a defined order, each put at the instants of
// when, and what was rejected of their answers.
func (a *asker) asked(when source.Query, tally istio.Tally) source.Asked {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := source.Asked{Rejected: tally.Rejected}
	for _, o := range slices.SortedFunc(slices.Values(a.observed), func(a, b derive.Observation) int { return strings.Compare(a.Text, b.Text) }) {
		when.Text = o.Text
		all.Note(when, o.Warnings)
	}
	return all
}
