package frames

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/link"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// Links are what nodes and edges of a graph are linked to.
type Links struct {
	// Templates are the administrator's.
	Templates []link.Template
	// Self is the data source that answers: to look at a part of a graph. Empty
	// is none.
	Self string
	// Prometheus is the data source for PromQL in Explore. Empty is none.
	Prometheus string
	// Raw tells that there are Istio's own series, and not the exporter's.
	Raw bool
}

// linked is a column of links, of which a row has one or none.
//
// The menu of a node has the links of all fields. A link of a field is the same
// for all rows, but for variables. So each link has a field of its own, whose
// value is the whole link of the row, with all names written for their place,
// and no variable but that value. A link with a variable that is not resolved is
// left out of the menu, in dashboards and in Explore: such is a value that is
// the variable's own reference.
func linked[Row any](name string, to data.DataLink, values func([]Row) any) column[Row] {
	return column[Row]{name, data.FieldConfig{Links: []data.DataLink{to}}, values}
}

// reference is how a link refers to the value of its row, and absent what that
// is in a row without the link.
const reference = "${__value.raw:raw}"

// urlLink is a column of links to URLs.
func urlLink[Row any](name, title string, of func(Row) (string, bool)) column[Row] {
	return linked(name, data.DataLink{Title: title, URL: reference, TargetBlank: true}, func(rows []Row) any {
		return each(rows, func(r Row) string {
			if link, ok := of(r); ok {
				return link
			}
			return reference
		})
	})
}

// referenceTo is how a link refers to one of the texts of its row.
func referenceTo(i int) string { return fmt.Sprintf("${__value.raw.%s:raw}", textName(i)) }

func textName(i int) string { return fmt.Sprintf("t%d", i) }

// queryLink is a column of links to a query in Explore, in which texts are the
// row's.
func queryLink[Row any](name, title, uid string, query map[string]any, texts int, of func(Row) ([]string, bool)) column[Row] {
	to := data.DataLink{Title: title, Internal: &data.InternalDataLink{Query: query, DatasourceUID: uid}}
	return linked(name, to, func(rows []Row) any {
		return each(rows, func(r Row) json.RawMessage {
			written, ok := of(r)
			value := make(map[string]string, texts)
			for i := range texts {
				if value[textName(i)] = referenceTo(i); ok {
					value[textName(i)] = written[i]
				}
			}
			raw, err := json.Marshal(value)
			if err != nil {
				panic(err) // of texts there is always JSON
			}
			return raw
		})
	})
}

// linkName is the name of the field of a link.
func linkName(i int) string { return fmt.Sprintf("link_%d", i) }

// nodeLinks are the links of nodes.
func nodeLinks(s *scene) (columns []column[*nodeRow]) {
	add := func(c column[*nodeRow]) {
		c.name = linkName(len(columns))
		columns = append(columns, c)
	}
	for _, c := range s.ownLinks() {
		add(c)
	}
	if s.links.Prometheus != "" {
		for _, p := range promQL(s.links.Raw) {
			add(queryLink("", p.title, s.links.Prometheus, promQuery(), 1, func(r *nodeRow) ([]string, bool) {
				matchers, ok := nodeMatchers(r)
				return []string{p.text(matchers)}, ok && p.fits(r.own())
			}))
		}
	}
	values := func(r *nodeRow) link.Values {
		v := link.Values{}
		v.Range(s.interval)
		nameValues(v, "", r.Node)
		return v
	}
	for _, t := range s.links.Templates {
		if t.On == link.Node {
			add(templated(t, func(r *nodeRow) topology.Kind { return r.Kind }, values))
		}
	}
	return columns
}

// edgeLinks are the links of edges.
func edgeLinks(s *scene) (columns []column[*edgeRow]) {
	add := func(c column[*edgeRow]) {
		c.name = linkName(len(columns))
		columns = append(columns, c)
	}
	if s.links.Self != "" {
		add(overTime(s, query.EntityEdge, func(e *edgeRow) (string, bool) {
			source, ok := nameFilter("source", e.source.Node)
			target, known := nameFilter("target", e.target.Node)
			return source + " && " + target, ok && known
		}))
	}
	if s.links.Prometheus != "" {
		for _, p := range promQL(s.links.Raw) {
			add(queryLink("", p.title, s.links.Prometheus, promQuery(), 1, func(e *edgeRow) ([]string, bool) {
				from, ok := endMatchers(e.source.Node, true)
				to, known := endMatchers(e.target.Node, false)
				return []string{p.text(append(from, to...))}, ok && known && p.fits(&e.totals)
			}))
		}
	}
	values := func(e *edgeRow) link.Values {
		v := link.Values{}
		v.Range(s.interval)
		nameValues(v, "source.", e.source.Node)
		nameValues(v, "target.", e.target.Node)
		return v
	}
	for _, t := range s.links.Templates {
		if t.On == link.Edge {
			add(templated(t, func(e *edgeRow) topology.Kind { return e.target.Kind }, values))
		}
	}
	return columns
}

func templated[Row any](t link.Template, kind func(Row) topology.Kind, values func(Row) link.Values) column[Row] {
	if t.URL != "" {
		return urlLink("", t.Title, func(r Row) (string, bool) {
			if !t.Fits(kind(r)) {
				return "", false
			}
			return t.ExpandURL(values(r))
		})
	}
	return queryLink("", t.Title, t.DatasourceUID, t.With(referenceTo), t.Texts(), func(r Row) ([]string, bool) {
		if !t.Fits(kind(r)) {
			return nil, false
		}
		return t.Expand(values(r))
	})
}

// nameValues are the names of a node, as templates call them.
func nameValues(v link.Values, prefix string, n *topology.Node) {
	cluster, namespace := n.Cluster, namespaceOf(n)
	if n.Kind == topology.KindCluster {
		cluster, namespace = n.Name, ""
	}
	for name, value := range map[string]string{
		"cluster": cluster, "namespace": namespace, "kind": string(n.Kind), "name": n.Name,
		"workload": n.Workload, "app": n.App, "version": n.Version, "service": n.Service,
	} {
		v[prefix+name] = value
	}
}

// maxDepth is as far as a focus can look.
const maxDepth = 100

// ownLinks are links to other graphs of the same data source, in Explore: from
// there the way goes on in the same manner.
func (s *scene) ownLinks() []column[*nodeRow] {
	if s.links.Self == "" {
		return nil
	}
	focus := func(title string, level topology.Level, depth int, direction topology.Direction, fits func(*nodeRow) bool) column[*nodeRow] {
		q := s.viewed(level)
		q["focus"] = map[string]any{
			"kind": referenceTo(0), "cluster": referenceTo(1), "namespace": referenceTo(2), "name": referenceTo(3), "version": referenceTo(4),
			"depth": depth, "direction": string(direction),
		}
		return queryLink("", title, s.links.Self, q, 5, func(r *nodeRow) ([]string, bool) {
			texts, ok := focusTexts(r.Node)
			return texts, ok && fits(r)
		})
	}
	every := func(*nodeRow) bool { return true }
	columns := []column[*nodeRow]{
		focus("Show/Focus here", s.query.Level, 1, topology.Both, every),
		focus("Show/Upstream: all that lead here", s.query.Level, maxDepth, topology.In, every),
		focus("Show/Downstream: all that it leads to", s.query.Level, maxDepth, topology.Out, every),
	}
	columns = append(columns, overTime(s, query.EntityNode, func(r *nodeRow) (string, bool) { return nameFilter("node", r.Node) }))
	down := func(title string, level topology.Level, list string) column[*nodeRow] {
		q := s.viewed(level)
		q[list] = []any{referenceTo(0)}
		return queryLink("", title, s.links.Self, q, 1, func(r *nodeRow) ([]string, bool) {
			return []string{r.Name}, r.Kind == s.query.Level.Kind() && isExact(r.Name) && r.Name != ""
		})
	}
	switch s.query.Level {
	case topology.ByCluster:
		columns = append(columns, down("Show/Its namespaces", topology.ByNamespace, "clusters"))
	case topology.ByNamespace:
		columns = append(columns,
			down("Show/Its workloads", topology.ByWorkload, "namespaces"),
			down("Show/Its services", topology.ByService, "namespaces"))
	case topology.ByApp, topology.ByVersionedApp:
		columns = append(columns, focus("Show/Its workloads", topology.ByWorkload, 1, topology.Both, func(r *nodeRow) bool { return r.Kind == topology.KindApp }))
	}
	return columns
}

// overTime is a link to the time series of a node or an edge, by a filter that
// names it.
func overTime[Row any](s *scene, of query.Entity, filter func(Row) (string, bool)) column[Row] {
	q := map[string]any{
		"schemaVersion": query.SchemaVersion, "queryType": string(query.TypeTraffic), "level": string(s.query.Level), "entity": string(of),
		"stats": []query.Stat{query.RequestRate, query.ErrorRatio, query.TCPRate}, "filter": referenceTo(0),
	}
	if s.query.ServiceNodes {
		q["serviceNodes"] = true
	}
	return queryLink("", "Show/Over time", s.links.Self, q, 1, func(r Row) ([]string, bool) {
		text, ok := filter(r)
		return []string{text}, ok
	})
}

// nameFilter is a filter that a node alone lets through, as that end of edges.
func nameFilter(end string, n *topology.Node) (string, bool) {
	if n.Kind == topology.KindUnknown || n.Name == "" {
		return "", false
	}
	var parts []string
	add := func(field, value string) {
		if value != "" {
			parts = append(parts, end+"."+field+` == "`+link.Quoted(value)+`"`)
		}
	}
	add("kind", string(n.Kind))
	add("cluster", n.Cluster)
	add("namespace", n.Namespace)
	add("name", n.Name)
	add("version", n.Version)
	return strings.Join(parts, " && "), true
}

// viewed is the query as it is stored, at a level, without what it chooses.
func (s *scene) viewed(level topology.Level) map[string]any {
	q := map[string]any{
		"schemaVersion": query.SchemaVersion, "queryType": string(query.TypeGraph), "level": string(level),
		"nodeStats": s.query.NodeStats, "edgeStats": s.query.EdgeStats, "colorBy": string(s.query.ColorBy), "limit": s.query.Limit,
	}
	if !s.query.ShowsAllProtocols() {
		q["protocols"] = s.query.Protocols
	}
	for name, on := range map[string]bool{"serviceNodes": s.query.ServiceNodes, "idle": s.query.Idle, "waypoints": s.query.Waypoints} {
		if on {
			q[name] = true
		}
	}
	if s.query.Layout != query.LayoutPanel {
		q["layout"] = string(s.query.Layout)
	}
	if s.query.Compares() {
		q["compareOffset"] = formatDuration(s.query.CompareOffset)
	}
	return q
}

// focusTexts are the kind, the cluster, the namespace, the name and the version
// of a focus on a node. There is none on what has no name, or one that would be
// read as something else.
func focusTexts(n *topology.Node) ([]string, bool) {
	namespace := n.Namespace
	if n.Kind == topology.KindUnknown || n.Name == "" {
		return nil, false
	}
	texts := []string{string(n.Kind), n.Cluster, namespace, n.Name, n.Ref.Version}
	for _, text := range texts {
		if !isExact(text) {
			return nil, false
		}
	}
	return texts, true
}

// isExact tells that a query reads a name as itself: not as a glob, nor as a
// variable of Grafana's.
func isExact(name string) bool { return !strings.ContainsAny(name, "*?$[") }
