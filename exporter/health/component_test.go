package health

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// graphs are those of up to 70 nodes, so that a set of them takes more than one word.
func graphs() *rapid.Generator[[][]int] {
	return rapid.Custom(func(t *rapid.T) [][]int {
		n := rapid.IntRange(1, 70).Draw(t, "nodes")
		next := make([][]int, n)
		for from := range next {
			to := rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), 0, min(3, n), rapid.ID[int]).Draw(t, "edges")
			next[from] = slices.DeleteFunc(to, func(n int) bool { return n == from })
		}
		return next
	})
}

// walked are the nodes that one leads to, found the simple way.
func walked(next [][]int, from int) map[int]bool {
	seen := map[int]bool{}
	todo := slices.Clone(next[from])
	for len(todo) > 0 {
		n := todo[0]
		todo = todo[1:]
		if !seen[n] {
			seen[n] = true
			todo = append(todo, next[n]...)
		}
	}
	return seen
}

func TestComponents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		next := graphs().Draw(t, "graph")
		of, members := components(next)
		total := 0
		for c, nodes := range members {
			total += len(nodes)
			for _, n := range nodes {
				require.Equal(t, c, of[n])
			}
		}
		require.Equal(t, len(next), total)
		for a := range next {
			from := walked(next, a)
			for b := range next {
				require.Equal(t, a == b || from[b] && walked(next, b)[a], of[a] == of[b], "%d and %d", a, b)
				if from[b] && of[a] != of[b] {
					require.Less(t, of[b], of[a], "what one leads to comes first")
				}
			}
		}
	})
}

func TestReaches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		next := graphs().Draw(t, "graph")
		for n, reach := range reaches(next) {
			all := walked(next, n)
			delete(all, n)
			require.Equal(t, Reach{Direct: len(next[n]), All: len(all)}, reach, "of %d", n)
		}
	})
}

// A chain of calls can be long.
func TestALongChain(t *testing.T) {
	next := make([][]int, 20000)
	for i := range next[1:] {
		next[i] = []int{i + 1}
	}
	require.Equal(t, Reach{1, 19999}, reaches(next)[0])
}
