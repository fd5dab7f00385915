package layout

// layers are the columns of nodes: each is right of all that call it, by the
// longest way there. An end that only calls one node stands left of that one,
// and has no part in the length of ways, so that no column moves for it: there
// may be a layer -1.
func (g *graph) layers() []int {
	callees := g.acyclic()
	called := make([]int, g.size())
	for _, ws := range callees {
		for _, w := range ws {
			called[w]++
		}
	}
	layer := make([]int, g.size())
	g.lengthen(layer, callees, called)
	// Where ways begin late, they begin next to the first node that others call too.
	late := false
	for v, ws := range callees {
		if called[v] > 0 || g.beginsOnly(v) {
			continue
		}
		nearest := 0
		for _, w := range ws {
			if called[w] > 1 && (nearest == 0 || layer[w] < nearest) {
				nearest = layer[w]
			}
		}
		if nearest > 1 {
			layer[v] = nearest - 1
			late = true
		}
	}
	if late {
		g.lengthen(layer, callees, called)
	}
	for v := range layer {
		if g.beginsOnly(v) && called[v] == 0 {
			layer[v] = layer[g.near[v][0]] - 1
		}
	}
	return layer
}

// beginsOnly tells that a node has one link, and calls there.
func (g *graph) beginsOnly(v int) bool {
	return len(g.near[v]) == 1 && len(g.out[v]) == 1 && len(g.near[g.near[v][0]]) > 1
}

// lengthen moves nodes to the right of all that call them.
func (g *graph) lengthen(layer []int, callees [][]int, called []int) {
	left := make([]int, g.size())
	sorted := make([]int, 0, g.size())
	for v, n := range called {
		if left[v] = n; n == 0 {
			sorted = append(sorted, v)
		}
	}
	for i := 0; i < len(sorted); i++ {
		v := sorted[i]
		after := layer[v] + 1
		if g.beginsOnly(v) {
			after = 0
		}
		for _, w := range callees[v] {
			layer[w] = max(layer[w], after)
			if left[w]--; left[w] == 0 {
				sorted = append(sorted, w)
			}
		}
	}
}
