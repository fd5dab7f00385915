package series

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

// account is what the ledger keeps of one edge.
type account struct {
	key       topology.EdgeKey
	labels    []byte // rendered
	firstSeen time.Time
	active    time.Time // when it last had traffic
	busy      float64   // calls per second, smoothed
	cells     []*cell   // sorted
	byID      map[cellID]*cell
	speakers  map[topology.Protocol]*speakers
}

// speakers are who speaks on an edge by one protocol.
type speakers struct {
	reporter            topology.Reporter
	source, destination identity
	active              time.Time
}

func newAccount(key topology.EdgeKey, firstSeen time.Time) *account {
	return &account{
		key: key, labels: edgeLabels(&key), firstSeen: firstSeen,
		byID: map[cellID]*cell{}, speakers: map[topology.Protocol]*speakers{},
	}
}

// lines is the number of series that the account is rendered as.
func (a *account) lines() int {
	n := 1 + len(a.speakers)
	for _, c := range a.cells {
		n += c.lines()
	}
	return n
}

// open adds a cell, at 0 and not yet served.
func (a *account) open(id cellID, at time.Time, generation uint64) *cell {
	c := &cell{
		cellID: id, born: at, moved: at, since: generation,
		labels: appendLabels(nil, id.family.Labels, id.values[:len(id.family.Labels)]),
	}
	a.byID[id] = c
	i, _ := slices.BinarySearchFunc(a.cells, &id, func(c *cell, id *cellID) int { return c.compare(id) })
	a.cells = slices.Insert(a.cells, i, c)
	return c
}

// closeIdle drops cells and speakers that have not moved since.
func (a *account) closeIdle(since time.Time) {
	a.cells = slices.DeleteFunc(a.cells, func(c *cell) bool {
		idle := c.moved.Before(since)
		if idle {
			delete(a.byID, c.cellID)
		}
		return idle
	})
	maps.DeleteFunc(a.speakers, func(_ topology.Protocol, s *speakers) bool { return s.active.Before(since) })
}

// cellsOf are the account's cells of a family.
func (a *account) cellsOf(f *Family) []*cell {
	from, _ := slices.BinarySearchFunc(a.cells, f, func(c *cell, f *Family) int { return cmp.Compare(c.family.order, f.order) })
	to := from
	for to < len(a.cells) && a.cells[to].family == f {
		to++
	}
	return a.cells[from:to]
}

// note remembers whose report a flow is, and who speaks in it.
func (a *account) note(f *topology.Flow, at time.Time) {
	s, ok := a.speakers[f.Protocol]
	if !ok {
		s = new(speakers)
		a.speakers[f.Protocol] = s
	}
	s.reporter, s.active = f.Reporter, at
	s.source.hear(f.Traffic.SourcePrincipals)
	s.destination.hear(f.Traffic.DestinationPrincipals)
}

// identity is the busiest of the principals that were heard of. It stays until
// another is twice as busy, for a series whose labels flip is two series.
type identity struct {
	name    string
	weights map[string]float64
}

const (
	maxIdentities = 16
	fading        = 0.9 // of a weight, at each hearing
)

func (i *identity) hear(weights map[string]float64) {
	for name := range i.weights {
		if i.weights[name] *= fading; i.weights[name] < 1e-9 {
			delete(i.weights, name)
		}
	}
	var few [4]string // most have one
	names := few[:0]
	for name := range weights {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if _, known := i.weights[name]; !known && len(i.weights) >= maxIdentities {
			continue
		}
		if i.weights == nil {
			i.weights = map[string]float64{}
		}
		i.weights[name] += weights[name]
	}
	if busiest := topology.Busiest(i.weights); busiest != "" && (i.name == "" || i.weights[busiest] > 2*i.weights[i.name]) {
		i.name = busiest
	}
}
