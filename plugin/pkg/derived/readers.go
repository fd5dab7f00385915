package derived

import (
	"sync"

	"github.com/meshscope/meshscope/exporter/series"
)

// readers are those that answers were read with before: they know the label
// sets of the mesh, which hardly change from one question to the next.
type readers struct{ byFamily sync.Map } // *series.Family → *sync.Pool

func (r *readers) borrow(f *series.Family) (reader *series.Reader, giveBack func()) {
	made, _ := r.byFamily.LoadOrStore(f, &sync.Pool{New: func() any { return series.NewReader(f) }})
	pool := made.(*sync.Pool)
	reader = pool.Get().(*series.Reader)
	return reader, func() { pool.Put(reader) }
}
