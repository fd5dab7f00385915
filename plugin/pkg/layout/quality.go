package layout

import "slices"

// quality is what makes a picture hard to read.
type quality struct {
	// crossings are of edges, hidden the nodes that stand before edges, and
	// length is how many cells edges go up or down.
	crossings, hidden, length int
	// from and to are the corners of it.
	from, to cell
}

const (
	// tolerance is how much worse than one that is drawn anew a picture may be, by
	// parts of it, for its nodes to stay; a few crossings are granted to small
	// ones, and some cells of length.
	tolerance, few, some = 0.25, 6, 6 * step
	// hiddenWeight is how many crossings are as bad as a node before an edge.
	hiddenWeight = 2
	// margin is how many cells farther than that it may reach, or by which part
	// of its width and height.
	margin, marginPart = 2 * step, 0.25
)

// nearly tells that q is nearly as good as other.
func (q quality) nearly(other quality) bool {
	within := func(n, of, more int) bool { return float64(n) <= (1+tolerance)*float64(of)+float64(more) }
	wide := max(margin, int(marginPart*float64(other.to.x-other.from.x)))
	high := max(margin, int(marginPart*float64(other.to.y-other.from.y)))
	return within(q.clutter(), other.clutter(), few) && within(q.length, other.length, some) &&
		q.from.x >= other.from.x-wide && q.to.x <= other.to.x+wide && q.from.y >= other.from.y-high && q.to.y <= other.to.y+high
}

func (q quality) clutter() int { return q.crossings + hiddenWeight*q.hidden }

// quality is that of a picture that has all nodes.
func (p *picture) quality() (q quality) {
	q.from, q.to = block{cells: p.at}.bounds()
	var lines []line
	for v, near := range p.near {
		for _, w := range near {
			if v < w {
				lines = append(lines, line{v, w})
			}
		}
	}
	slices.SortFunc(lines, func(a, b line) int { return p.left(a) - p.left(b) })
	for i, l := range lines {
		q.length += max(p.at[l.a].y-p.at[l.b].y, p.at[l.b].y-p.at[l.a].y)
		q.hidden += p.hidden(l)
		for _, other := range lines[i+1:] {
			if p.left(other) > p.right(l) {
				break
			}
			if p.cross(l, other) {
				q.crossings++
			}
		}
	}
	return q
}
