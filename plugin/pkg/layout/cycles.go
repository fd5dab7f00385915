package layout

// acyclic are the callees of each node, without the calls that go back: they
// make no cycle. In a cycle, a call goes back where it leads nearer to where
// calls begin. If there is still one, all of it is equally near, and those go
// back that lead to an earlier name. So what goes back depends on the cycle and
// the way there, and on no order in which nodes are visited; edges between
// cycles never do.
func (g *graph) acyclic() [][]int {
	depth := g.depths()
	forward := make([][]int, g.size())
	cycle := strong(g.out)
	for v, callees := range g.out {
		for _, w := range callees {
			if cycle[v] != cycle[w] || depth[v] <= depth[w] {
				forward[v] = append(forward[v], w)
			}
		}
	}
	// What cycles are left are of nodes equally deep.
	cycle = strong(forward)
	for v, callees := range forward {
		kept := callees[:0]
		for _, w := range callees {
			if cycle[v] != cycle[w] || v < w {
				kept = append(kept, w)
			}
		}
		forward[v] = kept
	}
	return forward
}

// depths are the numbers of calls from the nearest node where calls begin: one
// without callers, or, for what no such node reaches, the first by name of a
// cycle that nothing leads to.
func (g *graph) depths() []int {
	depth := make([]int, g.size())
	for v := range depth {
		depth[v] = -1
	}
	reach := func(from []int) {
		for i := 0; i < len(from); i++ {
			for _, w := range g.out[from[i]] {
				if depth[w] < 0 {
					depth[w] = depth[from[i]] + 1
					from = append(from, w)
				}
			}
		}
	}
	var starts []int
	for v := range depth {
		if len(g.in[v]) == 0 {
			depth[v] = 0
			starts = append(starts, v)
		}
	}
	reach(starts)
	// What is called by cycles alone is counted from these: from those that nothing leads to.
	cycle := strong(g.out)
	entered := make([]bool, g.size())
	for v, callees := range g.out {
		for _, w := range callees {
			if cycle[v] != cycle[w] {
				entered[cycle[w]] = true
			}
		}
	}
	for v := range depth {
		if depth[v] < 0 && !entered[cycle[v]] {
			depth[v] = 0
			reach([]int{v})
		}
	}
	return depth
}

// strong numbers the strongly connected components that nodes are in (Tarjan).
func strong(out [][]int) []int {
	n := len(out)
	number, low, component := make([]int, n), make([]int, n), make([]int, n)
	for v := range component {
		component[v] = -1
	}
	var stack []int
	counter, components := 0, 0
	var visit func(v int)
	visit = func(v int) {
		counter++
		number[v], low[v] = counter, counter
		stack = append(stack, v)
		for _, w := range out[v] {
			switch {
			case number[w] == 0:
				visit(w)
				low[v] = min(low[v], low[w])
			case component[w] < 0:
				low[v] = min(low[v], number[w])
			}
		}
		if low[v] < number[v] {
			return
		}
		for {
			w := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			component[w] = components
			if w == v {
				break
			}
		}
		components++
	}
	for v := range n {
		if number[v] == 0 {
			visit(v)
		}
	}
	return component
}
