package derived

import (
	"strconv"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// Question tells what Flows asks for, of what the view decides: views that have
// the same have the same flows over an interval.
func (s *Source) Question(iv topology.Interval, q query.Query) (string, error) {
	var text strings.Builder
	text.WriteString("waypoints " + strconv.FormatBool(q.Waypoints))
	for _, step := range plan(q, iv, &rollups{}) {
		asked, err := step.Expr(step.matchers...)
		if err != nil {
			return "", err
		}
		text.WriteString("\n" + asked)
	}
	return text.String(), nil
}
