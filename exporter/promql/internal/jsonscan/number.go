package jsonscan

// maxNumber bounds the bytes of one number.
const maxNumber = 1 << 10

// Number consumes a number and returns it as it is written. The bytes are valid
// until the next call.
func (s *Scanner) Number() []byte {
	c := s.Peek()
	if s.err != nil {
		return nil
	}
	start := s.Offset()
	if c != '-' && !isDigit(c) {
		s.Failf("unexpected %s where a number belongs", describe(c))
		return nil
	}
	s.number = s.number[:0]
	for {
		rest := s.buf[s.pos:s.end]
		n := 0
		for n < len(rest) && isNumberByte(rest[n]) {
			n++
		}
		s.number = append(s.number, rest[:n]...)
		s.pos += n
		if len(s.number) > maxNumber {
			s.Failf("a number of more than %d bytes", maxNumber)
			return nil
		}
		if n < len(rest) || !s.fill(1) {
			break
		}
	}
	if s.err == nil && !validNumber(s.number) {
		s.err = &SyntaxError{Offset: start, Message: "a bad number"}
	}
	if s.err != nil {
		return nil
	}
	return s.number
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isNumberByte(c byte) bool {
	return isDigit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}

// validNumber tells whether b is a number in JSON's grammar, whole.
func validNumber(b []byte) bool {
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	n := digits(b)
	if n == 0 || n > 1 && b[0] == '0' {
		return false
	}
	b = b[n:]
	if len(b) > 0 && b[0] == '.' {
		n = digits(b[1:])
		if n == 0 {
			return false
		}
		b = b[1+n:]
	}
	if len(b) > 0 && (b[0] == 'e' || b[0] == 'E') {
		b = b[1:]
		if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
			b = b[1:]
		}
		n = digits(b)
		if n == 0 {
			return false
		}
		b = b[n:]
	}
	return len(b) == 0
}

// digits returns how many digits b starts with.
func digits(b []byte) int {
	for i, c := range b {
		if !isDigit(c) {
			return i
		}
	}
	return len(b)
}
