package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Format is a form that graphs are written in.
type Format struct {
	// Name is the format's name in flags and parameters.
	Name string
	// ContentType is the format's media type.
	ContentType string
	// Write writes g. Width is how many columns there are to write in, 0 for no
	// bound; only Table heeds it.
	Write func(w io.Writer, g *topology.Graph, width int) error
}

// Formats are all formats, the terminal's first.
var Formats = []Format{
	{Name: "table", ContentType: "text/plain; charset=utf-8", Write: Table},
	{Name: "json", ContentType: "application/json", Write: anyWidth(JSON)},
	{Name: "dot", ContentType: "text/vnd.graphviz; charset=utf-8", Write: anyWidth(DOT)},
	{Name: "mermaid", ContentType: "text/vnd.mermaid; charset=utf-8", Write: anyWidth(Mermaid)},
}

// ParseFormat reads a format's name.
func ParseFormat(name string) (Format, error) {
	names := make([]string, len(Formats))
	for i, f := range Formats {
		if f.Name == name {
			return f, nil
		}
		names[i] = f.Name
	}
	return Format{}, fmt.Errorf("unknown format %q, want one of %s", name, strings.Join(names, ", "))
}

func anyWidth(write func(io.Writer, *topology.Graph) error) func(io.Writer, *topology.Graph, int) error {
	return func(w io.Writer, g *topology.Graph, _ int) error { return write(w, g) }
}
