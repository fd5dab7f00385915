package frames

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// notices are what a viewer could else take the frames wrongly for: what is
// shown is the most telling part of what was chosen.
func (s *scene) notices(chosen *topology.Graph) []data.Notice {
	q := s.query
	var notices []data.Notice
	if len(chosen.Nodes) > len(s.nodes) {
		text := fmt.Sprintf("%d of %d nodes and %d of %d edges are shown: the unhealthy and the busiest ones. Ask for fewer namespaces",
			len(s.nodes), len(chosen.Nodes), len(s.edges), drawable(chosen))
		if q.Limit < query.MaxLimit {
			text += fmt.Sprintf(", or for a limit of up to %d", query.MaxLimit)
		}
		notices = append(notices, data.Notice{Severity: data.NoticeSeverityWarning, Text: text + "."})
	}
	if len(s.nodes) == 0 && s.mesh.edges > 0 {
		notices = append(notices, data.Notice{
			Severity: data.NoticeSeverityInfo,
			Text:     fmt.Sprintf("Of the mesh's %d edges none is %s.", s.mesh.edges, asked(q)),
		})
	}
	if q.Highlight != nil && len(s.nodes) > 0 && len(s.marked.nodes)+len(s.marked.pairs) == 0 {
		notices = append(notices, data.Notice{
			Severity: data.NoticeSeverityInfo,
			Text:     "Nothing that is shown is what the query highlights.",
		})
	}
	if q.ColorBy == query.ByHealth && !s.mesh.judgedNodes && s.mesh.edges > 0 {
		notices = append(notices, data.Notice{
			Severity: data.NoticeSeverityInfo,
			Text:     "There are no health series: colours tell the error ratio instead.",
		})
	}
	if q.LooksAtHealth() && !s.mesh.judgedNodes && !s.mesh.judgedEdges && s.mesh.edges > 0 {
		notices = append(notices, data.Notice{
			Severity: data.NoticeSeverityWarning,
			Text:     "There are no health series: what the query's filter or highlight asks of health is not known, and so is false.",
		})
	}
	return notices
}

// drawable is the number of edges that drawing a graph takes: one for all
// protocols, none from a node to itself.
func drawable(g *topology.Graph) (n int) {
	for i, e := range g.Edges {
		again := i > 0 && g.Edges[i-1].Source == e.Source && g.Edges[i-1].Target == e.Target
		if !again && e.Source != e.Target {
			n++
		}
	}
	return n
}

// asked says what the query has chosen.
func asked(q query.Query) string {
	var parts []string
	if len(q.Namespaces) > 0 {
		parts = append(parts, "of the namespaces "+strings.Join(q.Namespaces, ", "))
	}
	if len(q.Clusters) > 0 {
		parts = append(parts, "of the clusters "+strings.Join(q.Clusters, ", "))
	}
	if !q.ShowsAllProtocols() {
		names := make([]string, len(q.Protocols))
		for i, p := range q.Protocols {
			names[i] = string(p)
		}
		parts = append(parts, "of the protocols "+strings.Join(names, ", "))
	}
	if q.Focus != nil {
		parts = append(parts, "around the focus")
	}
	if q.Filter != nil {
		parts = append(parts, "let through by the filter")
	}
	return strings.Join(parts, " and ")
}
