package topology

// MatchGlob tells whether name is matched by pattern, in which * stands for
// any characters and ? for any one byte. All others stand for themselves: a
// Kubernetes name needs no classes.
func MatchGlob(pattern, name string) bool {
	// star is where to try again: the last * seen, and the name's rest there.
	star, rest := -1, 0
	p, n := 0, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, rest = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p++
			n++
		case star >= 0:
			rest++
			p, n = star+1, rest
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
