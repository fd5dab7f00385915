package health

import "math/bits"

// Reach is how many there are next to one, and how many behind these too. One
// is not counted among its own.
type Reach struct{ Direct, All int }

// reaches counts for each node of a graph to how many others it leads. Its
// edges lead to others, and to each once.
func reaches(next [][]int) []Reach {
	of, members := components(next)
	words := (len(next) + 63) / 64
	behind := make([]uint64, words*len(members)) // of each component, the nodes beyond it
	set := func(c int) []uint64 { return behind[c*words : (c+1)*words] }
	result := make([]Reach, len(next))
	for c, nodes := range members { // what a component leads to comes before it
		mine := set(c)
		for _, n := range nodes {
			for _, to := range next[n] {
				if of[to] == c || mine[to/64]&(1<<(to%64)) != 0 {
					continue
				}
				for i, word := range set(of[to]) {
					mine[i] |= word
				}
				for _, member := range members[of[to]] {
					mine[member/64] |= 1 << (member % 64)
				}
			}
		}
		beyond := 0
		for _, word := range mine {
			beyond += bits.OnesCount64(word)
		}
		for _, n := range nodes {
			result[n] = Reach{Direct: len(next[n]), All: beyond + len(nodes) - 1}
		}
	}
	return result
}
