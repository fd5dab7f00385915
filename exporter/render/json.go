package render

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

// SchemaVersion is the version of JSON's schema. It changes when a reader of
// the one before would go wrong; a new field does not change it.
const SchemaVersion = 1

// JSON writes g as docs/graph.schema.json describes it, one node or edge to a
// line.
func JSON(w io.Writer, g *topology.Graph) error {
	b := bufio.NewWriter(w)
	end := g.Interval.End.UTC().Format(time.RFC3339Nano)
	fmt.Fprintf(b, `{"schemaVersion":%d,"level":%q,"time":%q,"windowSeconds":%s`,
		SchemaVersion, g.Level, end, appendNumber(nil, g.Interval.Length.Seconds()))
	if g.Rest != (topology.Rest{}) {
		fmt.Fprintf(b, `,"omitted":{"nodes":%d,"edges":%d}`, g.Rest.Nodes, g.Rest.Edges)
	}
	write(b, `,"nodes":[`)
	lines := newLineEncoder(b)
	for _, n := range g.Nodes {
		if err := lines.encode(jsonNodeOf(n, g.Level, g.Interval.Length)); err != nil {
			return err
		}
	}
	write(b, "\n],\"edges\":[")
	lines.started = false
	for _, e := range g.Edges {
		if err := lines.encode(jsonEdgeOf(e, g.Interval.Length)); err != nil {
			return err
		}
	}
	write(b, "\n]}\n")
	return b.Flush()
}

// lineEncoder writes the elements of an array, each on a line of its own.
type lineEncoder struct {
	w       *bufio.Writer
	line    bytes.Buffer
	enc     *json.Encoder // to line
	started bool
}

func newLineEncoder(w *bufio.Writer) *lineEncoder {
	l := &lineEncoder{w: w}
	l.enc = json.NewEncoder(&l.line)
	l.enc.SetEscapeHTML(false)
	return l
}

func (l *lineEncoder) encode(element any) error {
	separator := ",\n"
	if !l.started {
		separator, l.started = "\n", true
	}
	l.line.Reset()
	if err := l.enc.Encode(element); err != nil {
		return err
	}
	write(l.w, separator)
	_, err := l.w.Write(bytes.TrimSuffix(l.line.Bytes(), []byte("\n")))
	return err
}

// figure is a number that may be unknown, and then is absent.
type figure float64

// IsZero tells encoding/json to leave it out.
func (f figure) IsZero() bool { return math.IsNaN(float64(f)) || math.IsInf(float64(f), 0) }

// MarshalJSON gives six significant digits.
func (f figure) MarshalJSON() ([]byte, error) { return appendNumber(nil, float64(f)), nil }

func appendNumber(b []byte, v float64) []byte {
	v = significant(v, 6)
	form := byte('f')
	if size := math.Abs(v); size != 0 && size < 1e-6 || size >= 1e21 {
		form = 'e' // as JavaScript writes numbers
	}
	return strconv.AppendFloat(b, v, form, -1, 64)
}
