package jsonscan

import (
	"encoding/binary"
	"math/bits"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// maxString bounds the bytes of one string, and with it the memory that a
// hostile document can take.
const maxString = 1 << 20

// Key consumes the name of an object's member and the colon behind it. The
// bytes are valid until the next call of Key.
func (s *Scanner) Key() []byte {
	s.key = s.AppendString(s.key[:0])
	s.consume(':')
	return s.key
}

// SkipKey consumes the name of an object's member and the colon behind it if
// they are just what is next, without white space. The name must be plain.
func (s *Scanner) SkipKey(name []byte) bool {
	next, n := s.buf[s.pos:s.end], len(name)
	if s.err != nil || len(next) < n+3 || next[0] != '"' || next[n+1] != '"' || next[n+2] != ':' || string(next[1:n+1]) != string(name) {
		return false
	}
	s.pos += n + 3
	return true
}

// IsPlain tells that text is written in JSON as it is.
func IsPlain(text []byte) bool { return plainPrefix(text) == len(text) }

// AppendString consumes a string and appends what it stands for to dst.
func (s *Scanner) AppendString(dst []byte) []byte {
	if !s.consume('"') {
		return dst
	}
	limit := len(dst) + maxString
	for {
		rest := s.buf[s.pos:s.end]
		n := plainPrefix(rest)
		dst = append(dst, rest[:n]...)
		s.pos += n
		if len(dst) > limit {
			s.Failf("a string of more than %d bytes", maxString)
			return dst
		}
		if n == len(rest) {
			if !s.require(1) {
				return dst
			}
			continue
		}
		switch c := rest[n]; {
		case c == '"':
			s.pos++
			return dst
		case c == '\\':
			dst = s.appendEscape(dst)
		case c < ' ':
			s.Failf("unexpected %s in a string", describe(c))
		default:
			dst = s.appendRune(dst)
		}
		if s.err != nil {
			return dst
		}
	}
}

// plainPrefix returns how many bytes at the start of b stand for themselves:
// ASCII without quotes, backslashes and control characters.
func plainPrefix(b []byte) int {
	n := 0
	for ; len(b)-n >= 8; n += 8 {
		if special := specialBytes(binary.LittleEndian.Uint64(b[n:])); special != 0 {
			return n + bits.TrailingZeros64(special)/8
		}
	}
	for n < len(b) && plain[b[n]] {
		n++
	}
	return n
}

// specialBytes has the highest bit set of the first of eight bytes that is not
// plain, and maybe of some after it.
func specialBytes(eight uint64) uint64 {
	const (
		each = 0x0101010101010101
		high = 0x80 * each
	)
	quote, backslash := eight^('"'*each), eight^('\\'*each)
	return (eight | (eight-' '*each)&^eight | (quote-each)&^quote | (backslash-each)&^backslash) & high
}

var plain = func() (set [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		set[c] = c != '"' && c != '\\'
	}
	return set
}()

// appendRune consumes one character beyond ASCII, or one byte that is none.
func (s *Scanner) appendRune(dst []byte) []byte {
	if !utf8.FullRune(s.buf[s.pos:s.end]) {
		s.fill(utf8.UTFMax)
	}
	r, size := utf8.DecodeRune(s.buf[s.pos:s.end])
	s.pos += size
	return utf8.AppendRune(dst, r)
}

// appendEscape consumes an escape sequence.
func (s *Scanner) appendEscape(dst []byte) []byte {
	if !s.require(2) {
		return dst
	}
	c := s.buf[s.pos+1]
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return s.appendUnicodeEscape(dst)
	default:
		s.pos++
		s.Failf("unexpected %s in an escape sequence", describe(c))
		return dst
	}
	s.pos += 2
	return append(dst, c)
}

// escapeSize is the length of \uXXXX.
const escapeSize = 6

// appendUnicodeEscape consumes \uXXXX, and a second one if both are a surrogate
// pair. A lone surrogate becomes U+FFFD.
func (s *Scanner) appendUnicodeEscape(dst []byte) []byte {
	if !s.require(escapeSize) {
		return dst
	}
	r, ok := unicodeEscape(s.buf[s.pos:s.end])
	if !ok {
		s.Failf(`a \u that is not followed by four hexadecimal digits`)
		return dst
	}
	s.pos += escapeSize
	if utf16.IsSurrogate(r) {
		pair := rune(unicode.ReplacementChar)
		if s.fill(escapeSize) {
			if low, ok := unicodeEscape(s.buf[s.pos:s.end]); ok {
				pair = utf16.DecodeRune(r, low)
			}
		}
		if r = pair; r != unicode.ReplacementChar {
			s.pos += escapeSize
		}
	}
	return utf8.AppendRune(dst, r)
}

// unicodeEscape reads the escape sequence \uXXXX at the start of b.
func unicodeEscape(b []byte) (rune, bool) {
	if len(b) < escapeSize || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range b[2:escapeSize] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
