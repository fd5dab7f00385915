package pluginhost

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// unseen tells what a viewer could else take health and filters wrongly for.
func unseen(q query.Query, whole *topology.Graph, raw bool) (texts []string) {
	if raw && len(whole.Edges) > 0 && showsHealth(q) {
		texts = append(texts, "Health is judged here on the requests of this range, by the default tolerances: the exporter's verdicts are not among Istio's own series.")
	}
	if names := q.NotInSeries(raw); len(names) > 0 {
		texts = append(texts, fmt.Sprintf("The query's filter or highlight looks at %s, which no series tells of: it is not known here, and so false or empty.", strings.Join(names, ", ")))
	}
	return texts
}

// showsHealth tells that an answer has verdicts, or hangs on them.
func showsHealth(q query.Query) bool {
	switch q.Type {
	case query.TypeTraffic, query.TypeChanges, query.TypeValues:
		return q.LooksAtHealth()
	}
	return true
}

// executed is what the query inspector shows.
func executed(queries []source.Query) string {
	var text strings.Builder
	var at time.Time
	for _, q := range queries {
		if q.Every > 0 {
			at = time.Time{}
			fmt.Fprintf(&text, "# from %s to %s, every %s\n", q.Since.UTC().Format(time.RFC3339Nano), q.At.UTC().Format(time.RFC3339Nano), q.Every)
		} else if !q.At.Equal(at) {
			at = q.At
			fmt.Fprintf(&text, "# at %s\n", at.UTC().Format(time.RFC3339Nano))
		}
		text.WriteString(q.Text + "\n")
	}
	return strings.TrimSuffix(text.String(), "\n")
}

func notices(severity data.NoticeSeverity, texts []string) []data.Notice {
	var all []data.Notice
	for _, text := range texts {
		all = append(all, data.Notice{Severity: severity, Text: text})
	}
	return all
}

// remarks are what is to be told of how the store was asked.
func remarks(of source.Asked) []data.Notice {
	return append(warnings(of.Warnings), rejected(of.Rejected)...)
}

// rejected tells of samples that are in no edge, by reason.
func rejected(by map[istio.Reason]int) []data.Notice {
	var texts []string
	for _, reason := range slices.Sorted(maps.Keys(by)) {
		texts = append(texts, fmt.Sprintf("%s could not be placed: %s.", count(by[reason], "sample"), reason))
	}
	return notices(data.NoticeSeverityWarning, texts)
}

// warnings are the store's, each once.
func warnings(texts []string) []data.Notice {
	texts = slices.Compact(slices.Sorted(slices.Values(texts)))
	for at := range texts {
		texts[at] = "The store warns: " + texts[at]
	}
	return notices(data.NoticeSeverityWarning, texts)
}
