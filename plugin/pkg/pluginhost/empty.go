package pluginhost

import (
	"context"
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/probe"
)

// shortRange is below what is sure to hold two scrapes, which it takes to see
// anything grow.
const shortRange = 2 * time.Minute

// whyEmpty says why a graph has no edge: a mesh without traffic, and a store
// without a mesh, look the same.
func (i *Instance) whyEmpty(ctx context.Context, iv topology.Interval, raw bool) []data.Notice {
	found, err := i.probe.Look(ctx, iv.End, raw)
	if err != nil {
		return nil // the graph itself could be read, and is empty
	}
	return notices(data.NoticeSeverityInfo, []string{emptyText(found, iv.Length, raw)})
}

func emptyText(found probe.Found, length time.Duration, raw bool) string {
	there, scraped := found.Derived, "the exporter"
	if raw {
		there, scraped = found.Raw, "a proxy"
	}
	switch {
	case there.Edges > 0 && length < shortRange:
		return fmt.Sprintf("No traffic can be seen in a range of %s: it may be shorter than two scrapes of %s.", length, scraped)
	case there.Edges > 0:
		return "There was no such traffic in this range. Edges without traffic are shown if the query asks for idle ones."
	case raw:
		return "At the end of this range there were no istio_* series: is this the store that scrapes the mesh?"
	case !found.Refreshed.IsZero():
		return "At the end of this range the exporter knew of no edge."
	case found.Raw.Edges > 0:
		return "At the end of this range there were no meshscope_* series, only Istio's own: did the exporter run, and was it scraped into this store?"
	default:
		return "At the end of this range there were neither meshscope_* nor istio_* series: is this the store that scrapes the mesh?"
	}
}
