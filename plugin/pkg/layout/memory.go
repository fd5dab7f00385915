package layout

// Memory is where the nodes of earlier drawings were. Its zero value knows of
// none. It is not changed by what is drawn with it.
type Memory struct{ places map[string]place }

// place is where a node was drawn.
type place struct {
	cell
	// linked tells that it had edges: nodes without are elsewhere.
	linked bool
	// absences is how many drawings it was not in since then.
	absences int
}

// longestAbsence is for how many drawings the place of a node that went is kept
// for it: half an hour of a panel that refreshes twice a minute.
const longestAbsence = 60

// Layered places nodes as the function Layered does, but leaves those where they
// are that m knows, and gives newcomers places beside their neighbours, as
// long as the picture is nearly as good as one that is drawn anew. It returns
// the places, and what is to be known for the next drawing.
func (m Memory) Layered(nodes []Node, edges []Edge) ([]Point, Memory) {
	g := newGraph(nodes, edges)
	cells := g.layered()
	kept, ok := g.keep(m, cells)
	if ok {
		cells = kept
	} else {
		m = Memory{}
	}
	return g.points(cells), m.with(g, cells)
}

// with is m after a drawing.
func (m Memory) with(g *graph, cells []cell) Memory {
	after := make(map[string]place, len(cells))
	taken := occupancy{}
	for v, c := range cells {
		after[g.names[v]] = place{cell: c, linked: g.linked(v)}
		taken[c] = true
	}
	for name, p := range m.places {
		if _, is := after[name]; !is && p.absences < longestAbsence && taken.free(p.cell) {
			p.absences++
			after[name] = p
		}
	}
	return Memory{after}
}

// occupancy is which cells nodes have. Each takes a step for itself.
type occupancy map[cell]bool

func (o occupancy) free(c cell) bool {
	for x := c.x - step + 1; x < c.x+step; x++ {
		for y := c.y - step + 1; y < c.y+step; y++ {
			if o[cell{x, y}] {
				return false
			}
		}
	}
	return true
}
