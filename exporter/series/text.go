package series

import (
	"math"
	"strconv"

	"github.com/meshscope/meshscope/exporter/topology"
)

// appendHead appends the HELP and TYPE lines.
func (f *Family) appendHead(b []byte) []byte {
	b = append(b, "# HELP "...)
	b = append(b, f.Name...)
	b = append(b, ' ')
	b = append(b, f.Help...)
	b = append(b, "\n# TYPE "...)
	b = append(b, f.Name...)
	b = append(b, ' ')
	b = append(b, f.Type...)
	return append(b, '\n')
}

// appendLabel appends name="value", after a comma if something stands before.
// An empty value is an absent label: nothing.
func appendLabel(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	if len(b) > 0 {
		b = append(b, ',')
	}
	b = append(b, name...)
	b = append(b, '=', '"')
	plain := 0 // what is not escaped goes in one piece
	for i := range len(value) {
		switch c := value[i]; c {
		case '\\', '"':
			b = append(append(b, value[plain:i]...), '\\', c)
		case '\n':
			b = append(append(b, value[plain:i]...), '\\', 'n')
		default:
			continue
		}
		plain = i + 1
	}
	b = append(b, value[plain:]...)
	return append(b, '"')
}

// edgeLabels renders the labels of an edge. A name that is not known is
// published in Istio's word for it (T2).
func edgeLabels(k *topology.EdgeKey) []byte {
	b := make([]byte, 0, 640)
	for i, field := range k.Fields() {
		b = appendLabel(b, topology.EdgeLabels[i], orUnknown(*field))
	}
	return b
}

func orUnknown(name string) string {
	if name == "" {
		return topology.Unknown
	}
	return name
}

// appendLabels renders names and values that belong together.
func appendLabels(b []byte, names, values []string) []byte {
	for i, name := range names {
		b = appendLabel(b, name, values[i])
	}
	return b
}

// appendSample appends one line. The labels come in two parts, either of which
// may be empty.
func appendSample(b []byte, name, suffix string, labels, more []byte, value float64) []byte {
	b = append(b, name...)
	b = append(b, suffix...)
	if len(labels)+len(more) > 0 {
		b = append(b, '{')
		b = append(b, labels...)
		if len(labels) > 0 && len(more) > 0 {
			b = append(b, ',')
		}
		b = append(b, more...)
		b = append(b, '}')
	}
	b = append(b, ' ')
	b = appendFloat(b, value)
	return append(b, '\n')
}

func appendFloat(b []byte, v float64) []byte {
	switch {
	case math.IsInf(v, 1):
		return append(b, "+Inf"...)
	case v == math.Trunc(v) && math.Abs(v) < 1e15:
		return strconv.AppendInt(b, int64(v), 10)
	default:
		return strconv.AppendFloat(b, v, 'g', -1, 64)
	}
}
