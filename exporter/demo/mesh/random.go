package mesh

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// stream returns a stream of random numbers of its own for each name, so that
// what happens at one place of the mesh does not shift the draws of another.
func stream(seed int64, name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(uint64(seed), h.Sum64()))
}

// poissonLimit bounds the mean that is drawn in one go: far below the 745
// where math.Exp(-mean) underflows, and small enough for a linear search.
const poissonLimit = 64

// poisson draws the number of events of a Poisson process, given its mean.
func poisson(rng *rand.Rand, mean float64) int {
	n := 0
	for ; mean > poissonLimit; mean -= poissonLimit {
		n += poissonSearch(rng, poissonLimit)
	}
	return n + poissonSearch(rng, mean)
}

// poissonSearch inverts the cumulative distribution by adding its terms up.
func poissonSearch(rng *rand.Rand, mean float64) int {
	if mean <= 0 {
		return 0
	}
	u := rng.Float64()
	term := math.Exp(-mean)
	n := 0
	for u >= term && term > 0 {
		u -= term
		n++
		term *= mean / float64(n)
	}
	return n
}

// nameAlphabet is what Kubernetes makes generated names of: no vowels, so that
// no words come about, and nothing that looks like another character.
const nameAlphabet = "bcdfghjklmnpqrstvwxz2456789"

// randomName draws a generated name's suffix.
func randomName(rng *rand.Rand, length int) string {
	name := make([]byte, length)
	for i := range name {
		name[i] = nameAlphabet[rng.IntN(len(nameAlphabet))]
	}
	return string(name)
}
