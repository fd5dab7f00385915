package web

import "bytes"

var errTooLarge = Errorf(ErrorExecution,
	"the answer has more than %d bytes: ask for fewer namespaces or a coarser level", MaxAnswerBytes)

// A Body is what an answer is written into. It takes no more than MaxAnswerBytes, so that an answer that is too large
// ends while it is written, and not after.
type Body struct{ buffer bytes.Buffer }

// Write adds to the body. Beyond the limit it fails with an *Error.
func (b *Body) Write(p []byte) (int, error) {
	if b.buffer.Len()+len(p) > MaxAnswerBytes {
		return 0, errTooLarge
	}
	return b.buffer.Write(p)
}

// Grow makes room for n more bytes, as far as the limit permits: for who knows about how many there will be.
func (b *Body) Grow(n int) { b.buffer.Grow(max(0, min(n, MaxAnswerBytes-b.buffer.Len()))) }

// Bytes are what has been written.
func (b *Body) Bytes() []byte { return b.buffer.Bytes() }
