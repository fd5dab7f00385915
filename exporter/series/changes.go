package series

import (
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Baseline is how long after a first start, of which no store remembers an
// earlier one, edges are taken as having been there before.
const Baseline = 5 * time.Minute

// changes counts nodes and edges that came and went.
type changes struct {
	edges, nodes changeCount
	// edgesAt is the number of edges, published and known, at each node.
	edgesAt   map[topology.Ref]int
	newsFrom  time.Time
	hasBefore bool // an earlier exporter's edges are known
}

type changeCount struct{ added, removed float64 }

// begin tells the time, once before anything is added at that time.
func (c *changes) begin(now time.Time) {
	if c.newsFrom.IsZero() {
		c.newsFrom = now
		if !c.hasBefore {
			c.newsFrom = now.Add(Baseline)
		}
	}
}

func (c *changes) know(key topology.EdgeKey) {
	c.hasBefore = true
	for _, node := range ends(key) {
		c.edgesAt[node]++
	}
}

func (c *changes) added(key topology.EdgeKey, at time.Time) {
	news := !at.Before(c.newsFrom)
	if news {
		c.edges.added++
	}
	for _, node := range ends(key) {
		c.edgesAt[node]++
		if news && c.edgesAt[node] == 1 {
			c.nodes.added++
		}
	}
}

func (c *changes) removed(key topology.EdgeKey) {
	c.edges.removed++
	c.nodes.removed += float64(c.forget(key))
}

// forget drops an edge without a word, and tells how many nodes were left
// without any.
func (c *changes) forget(key topology.EdgeKey) (lonely int) {
	for _, node := range ends(key) {
		if c.edgesAt[node]--; c.edgesAt[node] <= 0 {
			delete(c.edgesAt, node)
			lonely++
		}
	}
	return lonely
}

func ends(key topology.EdgeKey) []topology.Ref {
	source, destination := key.SourceRef(), key.DestinationRef()
	if source == destination {
		return []topology.Ref{source}
	}
	return []topology.Ref{source, destination}
}
