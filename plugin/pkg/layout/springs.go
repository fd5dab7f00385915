package layout

import "slices"

const (
	// anchorPull is how much a node keeps to its anchor, and groupPull to the
	// middle of its group, against 1 for an edge to a neighbouring column.
	anchorPull, groupPull = 0.5, 0.3
	// narrow is how much nearer to its caller each further one is anchored.
	narrow = 0.6
	// rounds is how many edges far a change is felt.
	rounds = 30
)

// balance finds the nodes' levels: the balance of what edges, groups and
// anchors pull at, like springs. One more edge changes it little, and the less
// the farther away.
func (d *drawing) balance() {
	anchor := d.anchors()
	d.level = slices.Clone(anchor)
	next := make([]float64, d.nodes)
	middle, members := make([]float64, d.groups), make([]float64, d.groups)
	for v := range d.nodes {
		members[d.group[v]]++
	}
	sum, pull := make([]float64, d.nodes), make([]float64, d.nodes)
	for range rounds {
		clear(middle)
		for v, level := range d.level {
			middle[d.group[v]] += level / members[d.group[v]]
		}
		for v := range d.nodes {
			sum[v] = anchorPull*anchor[v] + groupPull*middle[d.group[v]]
			pull[v] = anchorPull + groupPull
		}
		for _, s := range d.spans {
			p := 1 / float64(d.column[s.right]-d.column[s.left])
			sum[s.left] += p * d.level[s.right]
			sum[s.right] += p * d.level[s.left]
			pull[s.left] += p
			pull[s.right] += p
		}
		for v := range next {
			next[v] = sum[v] / pull[v]
		}
		d.level, next = next, d.level
	}
}

// anchors spread the nodes over the lanes, each near to the nearest of its
// callers in its group. How near is drawn by lot, of the name: no anchor
// depends on who else there is.
func (d *drawing) anchors() []float64 {
	at, width := make([]float64, d.nodes), make([]float64, d.nodes)
	caller := make([]int, d.nodes)
	for v := range caller {
		caller[v] = -1
	}
	for _, s := range d.spans {
		v, w := s.left, s.right
		if d.group[v] == d.group[w] && (caller[w] < 0 || d.nearer(v, caller[w])) {
			caller[w] = v
		}
	}
	for _, column := range d.columns {
		for _, v := range column {
			at[v], width[v] = float64(d.lane[v]), 1
			if c := caller[v]; c >= 0 {
				at[v], width[v] = at[c], width[c]*narrow
			}
			at[v] += width[v] * (lot(d.names[v]) - 0.5)
		}
	}
	return at
}

// nearer tells that a is in a nearer column than b, for what both call, or goes
// before it by lot.
func (d *drawing) nearer(a, b int) bool {
	if d.column[a] != d.column[b] {
		return d.column[a] > d.column[b]
	}
	return lot(d.names[a]) < lot(d.names[b])
}
