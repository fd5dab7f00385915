package raw

import (
	"fmt"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// Question tells what Flows asks for, of what the view decides: views that have
// the same have the same flows over an interval.
func (s *Source) Question(_ topology.Interval, q query.Query) (string, error) {
	var names []string
	for _, m := range metrics(q) {
		names = append(names, m.Name)
	}
	return fmt.Sprintf("waypoints %t\n%s", q.Waypoints, strings.Join(names, "\n")), nil
}
