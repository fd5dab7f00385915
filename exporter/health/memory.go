package health

// memory is taken for many at a time: meshes have thousands of edges, with a
// few numbers each.
type memory[T any] struct{ free []T }

const atATime = 256

// take is memory for n, and none beyond them.
func (m *memory[T]) take(n int) []T {
	if n > len(m.free) {
		m.free = make([]T, max(n, atATime))
	}
	taken := m.free[:n:n]
	m.free = m.free[n:]
	return taken
}

// one is a new T.
func (m *memory[T]) one() *T { return &m.take(1)[0] }

// clone is a copy, nil of none.
func (m *memory[T]) clone(of []T) []T {
	if len(of) == 0 {
		return nil
	}
	c := m.take(len(of))
	copy(c, of)
	return c
}
