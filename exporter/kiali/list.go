package kiali

import (
	"io"
	"runtime"
	"sync"
)

// writeList writes the elements of a list, of which there are n. Pieces of it
// are rendered side by side, as many as there are processors, and written in
// their order; then the next ones.
func writeList(w io.Writer, n int, element func(o *object, i int)) error {
	const length = 128
	pieces := make([]piece, runtime.GOMAXPROCS(0))
	for from := 0; from < n; {
		var rendering sync.WaitGroup
		used := 0
		for ; used < len(pieces) && from < n; used++ {
			p := &pieces[used]
			p.from, p.to = from, min(from+length, n)
			from = p.to
			rendering.Go(func() { p.render(element) })
		}
		rendering.Wait()
		for i := range pieces[:used] {
			if p := &pieces[i]; p.panicked != nil {
				panic(p.panicked) // where the caller can recover
			} else if _, err := w.Write(p.text); err != nil {
				return err
			}
		}
	}
	return nil
}

// piece is a part of a list.
type piece struct {
	object
	from, to int
	panicked any
}

func (p *piece) render(element func(o *object, i int)) {
	defer func() { p.panicked = recover() }()
	p.text = p.text[:0]
	for i := p.from; i < p.to; i++ {
		if i > 0 {
			p.text = append(p.text, ',')
		}
		p.text = append(p.text, "\n{\"data\":{"...)
		element(&p.object, i)
		p.text = append(p.text, "}}"...)
	}
}
