package frames

import (
	"fmt"
	"slices"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

const valuesFrame = "values"

// Values makes a frame of names for a variable: each once, in order, as it is.
func Values(refs []topology.Ref, v View) data.Frames {
	names := make([]string, 0, len(refs))
	for _, ref := range refs {
		names = append(names, ref.Name)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	shown := names[:min(len(names), v.Query.Limit)]

	made := frame(valuesFrame, []column[string]{
		text("text", "", func(name string) string { return name }),
		text("value", "", func(name string) string { return name }),
	}, shown)
	made.Meta = v.contractMeta(data.FrameTypeTable)
	made.AppendNotices(v.Notices...)
	if len(shown) < len(names) {
		made.AppendNotices(data.Notice{
			Severity: data.NoticeSeverityWarning,
			Text:     fmt.Sprintf("%d of %d %s are listed, the first by name. Ask for fewer namespaces.", len(shown), len(names), v.Query.Of),
		})
	}
	return data.Frames{made}
}

// LevelOf is the level at which a filter or focus chooses what has such names.
func LevelOf(q query.Query) topology.Level {
	switch q.Of {
	case query.OfApps:
		return topology.ByApp
	case query.OfServices:
		return topology.ByService
	}
	return topology.ByWorkload
}

// ValuesOf makes the frame of the names that what a query chooses of a graph
// has.
func ValuesOf(whole *topology.Graph, v View) data.Frames {
	var refs []topology.Ref
	for _, n := range choose(whole, v.Query).Nodes {
		ref := n.Ref
		switch v.Query.Of {
		case query.OfClusters:
			ref = topology.Ref{Kind: topology.KindCluster, Name: n.Cluster}
		case query.OfNamespaces:
			ref = topology.Ref{Kind: topology.KindNamespace, Cluster: n.Cluster, Name: n.Namespace}
		default:
			if n.Kind != LevelOf(v.Query).Kind() {
				continue // it stands in for what is not known
			}
		}
		if ref.Name != "" && source.IsWithin(ref, v.Query) {
			refs = append(refs, ref)
		}
	}
	return Values(refs, v)
}
