package promql

import (
	"errors"
	"io"
)

// errTooLong is what reading a body ends with at the limit of the client.
var errTooLong = errors.New("the answer is larger than allowed")

// bodyReader counts the bytes of a body and fails beyond a limit.
type bodyReader struct {
	body io.Reader
	read int64
	max  int64
}

// Read reads up to one byte beyond the limit, which tells a body that ends there
// from one that goes on.
func (r *bodyReader) Read(p []byte) (int, error) {
	if room := r.max + 1 - r.read; int64(len(p)) > room {
		p = p[:room]
	}
	n, err := r.body.Read(p)
	r.read += int64(n)
	if r.read > r.max {
		r.read = r.max
		return 0, errTooLong
	}
	return n, err
}
