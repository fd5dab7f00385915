package frames

import (
	"fmt"
	"slices"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// mostTelling are those that a cut leaves.
const mostTelling = "the unhealthy and the busiest ones"

// notices are what a viewer could else take the frames wrongly for: what is
// shown is the most telling part of what was chosen.
func (s *scene) notices(chosen *topology.Graph) []data.Notice {
	q := s.query
	var notices []data.Notice
	if len(chosen.Nodes) > len(s.nodes) {
		which := mostTelling
		if s.past != nil {
			which = "what has changed, " + mostTelling
		}
		text := fmt.Sprintf("%d of %d nodes and %d of %d edges are shown: %s. %s",
			len(s.nodes), len(chosen.Nodes), len(s.edges), drawable(chosen), which, s.wayOut())
		notices = append(notices, data.Notice{Severity: data.NoticeSeverityWarning, Text: text + moreAllowed(s.query) + "."})
	}
	notices = append(notices, s.noticesOf(len(s.nodes))...)
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
	return notices
}

// wayOut is what to do about a graph that is too large to be drawn whole, and to
// be read.
func (s *scene) wayOut() string {
	switch s.query.Level {
	case topology.ByNamespace, topology.ByCluster:
		return "Ask for fewer namespaces, or for what is not well alone (filter: node.health >= 2)"
	}
	return "Begin with the namespaces (level: namespace), whose menus lead to their workloads, ask for fewer of them"
}

// noticesOf are what is to be said of any answer, of which so much is shown.
func (s *sight) noticesOf(shown int) []data.Notice {
	var notices []data.Notice
	if shown == 0 && s.mesh.edges > 0 {
		if choice := asked(s.query); choice != "" {
			notices = append(notices, data.Notice{
				Severity: data.NoticeSeverityInfo,
				Text:     fmt.Sprintf("Of the mesh's %d edges none is %s.", s.mesh.edges, choice),
			})
		}
	}
	if s.query.LooksAtHealth() && !s.mesh.judgedNodes && !s.mesh.judgedEdges && s.mesh.edges > 0 {
		notices = append(notices, data.Notice{
			Severity: data.NoticeSeverityWarning,
			Text:     "There are no health series: what the query's filter or highlight asks of health is not known, and so is false.",
		})
	}
	return notices
}

// noticesOfList are those of a list that shows so many of all its rows: "nodes",
// and which of them.
func (s *sight) noticesOfList(v View, shown, all int, things, which string) []data.Notice {
	return slices.Concat(v.Notices, s.cut(shown, all, things, which), s.noticesOf(shown))
}

// cut is the notice of a list that is cut to shown of all its rows; none if
// it is not.
func (s *sight) cut(shown, all int, things, which string) []data.Notice {
	if shown == all {
		return nil
	}
	text := fmt.Sprintf("%d of %d %s are shown: %s. Ask for fewer namespaces", shown, all, things, which)
	return []data.Notice{{Severity: data.NoticeSeverityWarning, Text: text + moreAllowed(s.query) + "."}}
}

// moreAllowed tells that a greater limit is to be had, if it is.
func moreAllowed(q query.Query) string {
	most := q.Type.MaxLimit()
	switch {
	case q.Limit >= most:
		return ""
	case q.Type == query.TypeTraffic: // a line takes one for each stat
		return fmt.Sprintf(", or for a limit of up to %d series", most)
	}
	return fmt.Sprintf(", or for a limit of up to %d", most)
}

// drawable is the number of edges that drawing a graph takes: one for all
// protocols, none from a node to itself.
func drawable(g *topology.Graph) (n int) {
	for p := range byPair(g) {
		if p.source != p.target {
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
