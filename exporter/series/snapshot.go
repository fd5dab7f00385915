package series

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
	"time"

	"github.com/klauspost/compress/flate"
)

// Snapshot is one consistent state of all topology series: rendered and
// compressed once, served to every scrape. It never changes.
type Snapshot struct {
	// Generation counts the ledger's posts; Ledger.Served wants it back.
	Generation uint64
	// Through is up to when the series hold what the store has scraped.
	Through time.Time
	// Edges is the number of edges in it.
	Edges int
	// Omitted is the number of gauges that limits left no room for.
	Omitted int

	deflated []byte // whole blocks, the last not marked as the stream's last
	sum      uint32 // CRC-32 of the text
	size     int    // of the text, in bytes
}

// Snapshot renders the ledger as it is.
func (l *Ledger) Snapshot(through time.Time) (*Snapshot, error) {
	s := &Snapshot{Generation: l.generation, Through: through, Edges: len(l.accounts)}
	var out bytes.Buffer
	w := deflater(&out)
	defer deflaters.Put(w)
	if err := l.render(io.MultiWriter(w, summer{s})); err != nil {
		return nil, fmt.Errorf("render topology series: %w", err)
	}
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("compress topology series: %w", err)
	}
	s.Omitted = l.omitted
	s.deflated = bytes.Clone(out.Bytes())
	return s, nil
}

// WriteGzip writes the snapshot's text and, after it, more, as one gzip
// stream. The snapshot's part is copied as it is: deflate blocks may follow
// each other, and CRC-32 goes on from any byte.
func (s *Snapshot) WriteGzip(w io.Writer, more []byte) error {
	header := [10]byte{0: 0x1f, 1: 0x8b, 2: 8 /* deflate */, 9: 255 /* unknown OS */}
	if _, err := w.Write(header[:]); err != nil {
		return err
	}
	if _, err := w.Write(s.deflated); err != nil {
		return err
	}
	tail := deflater(w)
	defer deflaters.Put(tail)
	if _, err := tail.Write(more); err != nil {
		return err
	}
	if err := tail.Close(); err != nil {
		return err
	}
	var trailer [8]byte
	binary.LittleEndian.PutUint32(trailer[:4], crc32.Update(s.sum, crc32.IEEETable, more))
	binary.LittleEndian.PutUint32(trailer[4:], uint32(s.size+len(more)))
	_, err := w.Write(trailer[:])
	return err
}

// WriteText writes the snapshot's text, uncompressed.
func (s *Snapshot) WriteText(w io.Writer) error {
	// The blocks lack a last one: an empty one ends the stream.
	emptyFinalBlock := []byte{0x01, 0x00, 0x00, 0xff, 0xff}
	r := flate.NewReader(io.MultiReader(bytes.NewReader(s.deflated), bytes.NewReader(emptyFinalBlock)))
	defer r.Close()
	_, err := io.Copy(w, r)
	return err
}

// CompressedBytes is the memory that the snapshot takes.
func (s *Snapshot) CompressedBytes() int { return len(s.deflated) }

// summer is the checksum and the size of what is written.
type summer struct{ *Snapshot }

func (s summer) Write(p []byte) (int, error) {
	s.sum = crc32.Update(s.sum, crc32.IEEETable, p)
	s.size += len(p)
	return len(p), nil
}

// compression is fast: topology text shrinks to a thirtieth even so.
const compression = flate.BestSpeed

var deflaters = sync.Pool{}

func deflater(w io.Writer) *flate.Writer {
	if d, ok := deflaters.Get().(*flate.Writer); ok {
		d.Reset(w)
		return d
	}
	d, err := flate.NewWriter(w, compression)
	if err != nil {
		panic(err) // only for a level that does not exist
	}
	return d
}
