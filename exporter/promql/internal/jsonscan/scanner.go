// Package jsonscan reads JSON from a stream, token by token, for callers that
// know which document to expect.
//
// It exists because bulk answers need three things at once which the JSON
// libraries at hand do not give together: no allocation per object key while
// streaming, exact byte offsets in errors, and strings that are always valid
// UTF-8 (bad bytes and lone surrogates become U+FFFD, as in encoding/json).
//
// Errors are sticky: after the first one every method does nothing, loops over
// [Scanner.More] end, and [Scanner.Err] tells what happened and where. So a
// caller checks once, before it believes what it has read.
package jsonscan

import (
	"fmt"
	"io"
)

const (
	bufferSize = 64 << 10
	// maxEmptyReads is how often in a row a reader may return nothing and no error.
	maxEmptyReads = 100
)

// Scanner reads one JSON document from a stream. The zero value must be given a
// stream by Reset.
type Scanner struct {
	src   io.Reader
	buf   []byte
	pos   int   // of the next byte in buf
	end   int   // of what is valid in buf
	base  int64 // offset in the stream of buf[0]
	first bool  // an array or object was opened, and More not called since
	err   error

	key    []byte
	number []byte
}

// Reset starts a new document, read from r, and keeps the buffers.
func (s *Scanner) Reset(r io.Reader) {
	if s.buf == nil {
		s.buf = make([]byte, bufferSize)
	}
	s.src, s.pos, s.end, s.base, s.first, s.err = r, 0, 0, 0, false, nil
}

// Err returns the first error: a *SyntaxError for what is not the JSON that was
// asked for, or the reader's own error.
func (s *Scanner) Err() error { return s.err }

// Offset returns how many bytes of the stream have been consumed.
func (s *Scanner) Offset() int64 { return s.base + int64(s.pos) }

// Buffered returns what has been read of the stream and not been consumed. It
// is valid until the next call.
func (s *Scanner) Buffered() []byte { return s.buf[s.pos:s.end] }

// SyntaxError tells what is wrong with a document, and where.
type SyntaxError struct {
	// Offset counts the bytes before the place where reading failed.
	Offset int64
	// Truncated is true when the document ended too early.
	Truncated bool
	// Message says what is wrong, without the place.
	Message string
}

// Error returns the message with its place.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s at byte %d", e.Message, e.Offset)
}

// Failf makes the document an error at the present offset, unless there is one
// already. Callers use it for what is JSON, but not what they expect.
func (s *Scanner) Failf(format string, args ...any) {
	if s.err == nil {
		s.err = &SyntaxError{Offset: s.Offset(), Message: fmt.Sprintf(format, args...)}
	}
}

// Abort ends the reading with an error of the caller's, unless there is one already.
func (s *Scanner) Abort(err error) {
	if s.err == nil {
		s.err = err
	}
}

// Peek skips white space and returns the next byte without consuming it. It
// returns 0 after an error, and an error where the document ends.
func (s *Scanner) Peek() byte {
	for s.err == nil {
		for s.pos < s.end {
			switch c := s.buf[s.pos]; c {
			case ' ', '\t', '\n', '\r':
				s.pos++
			default:
				return c
			}
		}
		s.require(1)
	}
	return 0
}

// End consumes the rest of the stream, of which only white space may be left.
func (s *Scanner) End() {
	for s.err == nil {
		for _, c := range s.buf[s.pos:s.end] {
			if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
				s.Failf("unexpected %s after the end of the document", describe(c))
				return
			}
			s.pos++
		}
		if !s.fill(1) {
			return
		}
	}
}

// Open consumes the bracket that opens an array or object: '[' or '{'.
func (s *Scanner) Open(bracket byte) {
	s.consume(bracket)
	s.first = true
}

// More consumes what separates elements and tells whether there is another one.
// It must be called after Open, and after each element, with the closing
// bracket, which it consumes.
func (s *Scanner) More(closing byte) bool {
	c := s.Peek()
	first := s.first
	s.first = false
	switch {
	case s.err != nil:
		return false
	case c == closing:
		s.pos++
		return false
	case first:
		return true
	case c == ',':
		s.pos++
		return true
	default:
		s.Failf("unexpected %s where ',' or '%c' belongs", describe(c), closing)
		return false
	}
}

// consume skips white space and consumes the byte c, which must be there.
func (s *Scanner) consume(c byte) bool {
	if s.err == nil && s.pos < s.end && s.buf[s.pos] == c { // as a rule
		s.pos++
		return true
	}
	got := s.Peek()
	if s.err != nil {
		return false
	}
	if got != c {
		s.Failf("unexpected %s where '%c' belongs", describe(got), c)
		return false
	}
	s.pos++
	return true
}

// require makes at least n unconsumed bytes available, or fails.
func (s *Scanner) require(n int) bool {
	if s.err != nil {
		return false
	}
	if s.fill(n) {
		return true
	}
	if s.err == nil {
		s.pos = s.end
		s.err = &SyntaxError{Offset: s.Offset(), Truncated: true, Message: "unexpected end"}
	}
	return false
}

// fill makes at least n unconsumed bytes available, and reports false where the
// stream has less. Other errors of the stream than its end are kept.
func (s *Scanner) fill(n int) bool {
	if s.end-s.pos >= n {
		return true
	}
	if s.pos > 0 {
		copy(s.buf, s.buf[s.pos:s.end])
		s.base += int64(s.pos)
		s.end -= s.pos
		s.pos = 0
	}
	for empty := 0; s.end < n; {
		read, err := s.src.Read(s.buf[s.end:])
		s.end += read
		switch {
		case s.end >= n:
			// An error that came with the last bytes comes again with the next read.
		case err == io.EOF:
			return false
		case err != nil:
			s.err = err
			return false
		case read == 0:
			if empty++; empty == maxEmptyReads {
				s.err = io.ErrNoProgress
				return false
			}
		default:
			empty = 0
		}
	}
	return true
}

func describe(c byte) string {
	if c > ' ' && c < 0x7f {
		return fmt.Sprintf("'%c'", c)
	}
	return fmt.Sprintf("byte 0x%02x", c)
}
