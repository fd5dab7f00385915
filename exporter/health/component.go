package health

// components finds which nodes of a graph reach each other: of each node the
// number of its component. A component comes after all that its nodes lead to
// (Tarjan's algorithm, without recursion: a chain of calls can be long).
func components(next [][]int) (of []int, members [][]int) {
	const notSeen = -1
	of = make([]int, len(next))
	seen, low := make([]int, len(next)), make([]int, len(next))
	for n := range next {
		of[n], seen[n] = notSeen, notSeen
	}
	type visit struct{ node, edge int }
	var (
		path  []visit // from the root to where we are
		open  []int   // seen, and in no component yet
		count int
		kept  memory[int]
	)
	enter := func(n int) {
		seen[n], low[n] = count, count
		count++
		open = append(open, n)
		path = append(path, visit{node: n})
	}
	for root := range next {
		if seen[root] != notSeen {
			continue
		}
		enter(root)
		for len(path) > 0 {
			at := &path[len(path)-1]
			n := at.node
			if at.edge < len(next[n]) {
				to := next[n][at.edge]
				at.edge++
				switch {
				case seen[to] == notSeen:
					enter(to)
				case of[to] == notSeen:
					low[n] = min(low[n], seen[to])
				}
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				from := path[len(path)-1].node
				low[from] = min(low[from], low[n])
			}
			if low[n] != seen[n] {
				continue
			}
			for i := len(open) - 1; ; i-- {
				of[open[i]] = len(members)
				if open[i] == n {
					members = append(members, kept.clone(open[i:]))
					open = open[:i]
					break
				}
			}
		}
	}
	return of, members
}
