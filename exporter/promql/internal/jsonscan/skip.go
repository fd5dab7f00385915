package jsonscan

// maxDepth bounds the nesting of skipped values, and with it the stack.
const maxDepth = 100

// Skip consumes one value of any type. It is checked like any other.
func (s *Scanner) Skip() { s.skip(maxDepth) }

// Null consumes the value null if it is next, and tells whether it was.
func (s *Scanner) Null() bool {
	if s.Peek() != 'n' {
		return false
	}
	s.literal("null")
	return s.err == nil
}

func (s *Scanner) skip(depth int) {
	c := s.Peek()
	switch {
	case s.err != nil:
	case depth == 0:
		s.Failf("values nested deeper than %d", maxDepth)
	case c == '{':
		s.Open('{')
		for s.More('}') {
			s.Key()
			s.skip(depth - 1)
		}
	case c == '[':
		s.Open('[')
		for s.More(']') {
			s.skip(depth - 1)
		}
	case c == '"':
		s.key = s.AppendString(s.key[:0])
	case c == 't':
		s.literal("true")
	case c == 'f':
		s.literal("false")
	case c == 'n':
		s.literal("null")
	case c == '-' || isDigit(c):
		s.Number()
	default:
		s.Failf("unexpected %s where a value belongs", describe(c))
	}
}

func (s *Scanner) literal(word string) {
	for i := range len(word) {
		if !s.require(1) {
			return
		}
		if c := s.buf[s.pos]; c != word[i] {
			s.Failf("unexpected %s where %s belongs", describe(c), word)
			return
		}
		s.pos++
	}
}
