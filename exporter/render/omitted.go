package render

import (
	"bufio"
	"fmt"

	"github.com/meshscope/meshscope/exporter/topology"
)

// writeOmitted says what a limit has left out, on a line that begins with the
// form's sign for a comment.
func writeOmitted(b *bufio.Writer, comment string, rest topology.Rest) {
	if rest != (topology.Rest{}) {
		fmt.Fprintf(b, "%sleft out by the limit: %d nodes, %d edges\n", comment, rest.Nodes, rest.Edges)
	}
}
