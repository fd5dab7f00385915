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
	// roomy is how many times as much room it may take.
	roomy = 2
)

// nearly tells that q is nearly as good as other, and about (0, 0), where a panel
// begins to look.
func (q quality) nearly(other quality) bool {
	within := func(n, of, more int) bool { return float64(n) <= (1+tolerance)*float64(of)+float64(more) }
	return within(q.clutter(), other.clutter(), few) && within(q.length, other.length, some) &&
		q.room() <= roomy*other.room() &&
		q.from.x <= step && q.to.x >= -step && q.from.y <= step && q.to.y >= -step
}

func (q quality) room() int { return (q.to.x - q.from.x + step) * (q.to.y - q.from.y + step) }

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
