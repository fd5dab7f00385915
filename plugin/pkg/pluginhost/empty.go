package pluginhost

import (
	"context"
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived"
)

// shortRange is below what is sure to hold two scrapes of the exporter, which
// it takes to see anything grow.
const shortRange = 2 * time.Minute

// whyEmpty says why a graph has no edge: a mesh without traffic, and a store
// without a mesh, look the same.
func (i *Instance) whyEmpty(ctx context.Context, iv topology.Interval) []data.Notice {
	found, err := i.source.Probe(ctx, iv.End)
	if err != nil {
		return nil // the graph itself could be read, and is empty
	}
	return notices(data.NoticeSeverityInfo, []string{emptyText(found, iv.Length)})
}

func emptyText(found derived.Found, length time.Duration) string {
	switch {
	case found.Edges > 0 && length < shortRange:
		return fmt.Sprintf("No traffic can be seen in a range of %s: it may be shorter than two scrapes of the exporter.", length)
	case found.Edges > 0:
		return "There was no such traffic in this range. Edges without traffic are shown if the query asks for idle ones."
	case !found.Refreshed.IsZero():
		return "At the end of this range the exporter knew of no edge."
	case found.Raw:
		return "At the end of this range there were no meshscope_* series, only Istio's own: did the exporter run, and was it scraped into this store?"
	default:
		return "At the end of this range there were neither meshscope_* nor istio_* series: is this the store that scrapes the mesh?"
	}
}
