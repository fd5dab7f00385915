package frames

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// notices are what a viewer could else take the frames wrongly for.
func (s *scene) notices(out left) []data.Notice {
	q := s.query
	var notices []data.Notice
	if out.nodes > 0 {
		text := fmt.Sprintf("%d of %d nodes and %d of %d edges are shown: the unhealthy and the busiest ones. Ask for fewer namespaces",
			len(s.nodes), len(s.nodes)+out.nodes, len(s.edges), len(s.edges)+out.edges)
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
	if q.ColorBy == query.ByHealth {
		notices = append(notices, data.Notice{
			Severity: data.NoticeSeverityInfo,
			Text:     "There are no health series: colours tell the error ratio instead.",
		})
	}
	return notices
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
	return strings.Join(parts, " and ")
}
