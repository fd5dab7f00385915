package frames

import (
	"cmp"
	"slices"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// table is one frame for Grafana's table panel: the first rows of all, in the
// order that rank gives them.
func table[Row any](s *sight, v View, name string, columns []column[Row], rows []Row, rank func(Row) rank) data.Frames {
	shown := first(rows, s.query.Limit, rank)
	made := list(name, columns, shown)
	made.Meta = v.listMeta(data.FrameTypeTable)
	made.AppendNotices(s.noticesOfList(v, len(shown), len(rows), name, mostTelling)...)
	return data.Frames{made}
}

// list is a frame of rows, as panels of rows like it.
func list[Row any](name string, columns []column[Row], rows []Row) *data.Frame {
	for i := range columns {
		columns[i] = columns[i].listed()
	}
	return frame(name, columns, rows)
}

func (v View) listMeta(t data.FrameType) *data.FrameMeta {
	return &data.FrameMeta{Type: t, PreferredVisualization: data.VisTypeTable, ExecutedQueryString: v.Executed}
}

// contractVersion is that of Grafana's contract for the types of frames that
// alerts, annotations and variables are made of.
var contractVersion = data.FrameTypeVersion{0, 1}

// contractMeta is that of a list that keeps to the contract for its type.
func (v View) contractMeta(t data.FrameType) *data.FrameMeta {
	meta := v.listMeta(t)
	meta.TypeVersion = contractVersion
	return meta
}

// listed is the column as a table has it: with a name that a panel may change,
// and text that may be filtered by.
func (c column[Row]) listed() column[Row] {
	c.config.DisplayName, c.config.DisplayNameFromDS = "", c.config.DisplayName
	if c.config.Unit == "" {
		custom := map[string]any{"filterable": true}
		if len(c.config.Mappings) > 0 {
			custom["cellOptions"] = map[string]any{"type": "color-text"}
		}
		c.config.Custom = custom
	}
	return c
}

// rank is what a row's place in a list is decided by.
type rank struct {
	health   topology.Health
	severity topology.Severity // where nobody has judged
	load     float64
	id       string
}

// compare puts the worst first, of these the busiest, and else goes by ids.
func (r rank) compare(o rank) int {
	return cmp.Or(
		cmp.Compare(o.health, r.health), cmp.Compare(o.severity, r.severity), cmp.Compare(o.load, r.load), strings.Compare(r.id, o.id),
	)
}

// first are the first n rows.
func first[Row any](rows []Row, n int, of func(Row) rank) []Row {
	sorted := slices.SortedFunc(slices.Values(rows), func(a, b Row) int { return of(a).compare(of(b)) })
	return sorted[:min(n, len(sorted))]
}

// How the columns of the ends of an edge are named.
const (
	sourcePrefix, sourceLabel = "source_", "Source "
	targetPrefix, targetLabel = "target_", "Target "
)

// nameColumns tell which node a row is of, by the names that filters know too.
func nameColumns[Row any](prefix, label string, of func(Row) *topology.Node) []column[Row] {
	return nodeTexts(prefix, label, of, []nodeText{
		{"cluster", clusterText}, {"namespace", namespaceText}, {"kind", func(n *topology.Node) string { return string(n.Kind) }}, {"name", nameText},
	})
}

// detailColumns tell what more is known of a node.
func detailColumns[Row any](prefix, label string, of func(Row) *topology.Node) []column[Row] {
	return nodeTexts(prefix, label, of, []nodeText{
		{"workload", func(n *topology.Node) string { return n.Workload }},
		{"app", func(n *topology.Node) string { return n.App }},
		{"version", func(n *topology.Node) string { return n.Version }},
	})
}

// nodeText is a text that nodes have.
type nodeText struct {
	name string
	of   func(*topology.Node) string
}

func nodeTexts[Row any](prefix, label string, of func(Row) *topology.Node, texts []nodeText) []column[Row] {
	columns := make([]column[Row], 0, len(texts))
	for _, t := range texts {
		columns = append(columns, text(prefix+t.name, capitalized(label+t.name), func(r Row) string { return t.of(of(r)) }))
	}
	return columns
}

func capitalized(label string) string { return strings.ToUpper(label[:1]) + label[1:] }

// What is not known is told as the exporter publishes it.

func clusterText(n *topology.Node) string {
	if n.Kind == topology.KindCluster {
		return cmp.Or(n.Name, topology.Unknown)
	}
	return cmp.Or(n.Cluster, topology.Unknown)
}

func namespaceText(n *topology.Node) string {
	if n.Kind == topology.KindCluster {
		return ""
	}
	return cmp.Or(namespaceOf(n), topology.Unknown)
}

func nameText(n *topology.Node) string { return cmp.Or(n.Name, topology.Unknown) }

// verdictColumn is a column of verdicts, as numbers for sorting that a panel
// shows as words.
func verdictColumn[Row any](name, label string, of func(Row) topology.Health) column[Row] {
	c := stat(name, label, "", func(r Row) (float64, bool) { return of(r).Value() })
	c.config.Mappings = healthMappings()
	return c
}

// healthMappings are the words and colours of verdicts.
func healthMappings() data.ValueMappings {
	words := data.ValueMapper{}
	for h := topology.HealthHealthy; h <= topology.HealthFailure; h++ {
		value, _ := h.Value()
		words[formatNumber(value)] = data.ValueMappingResult{Text: h.String(), Color: healthColors[h], Index: int(value)}
	}
	return data.ValueMappings{words}
}

// cheapStats are what is read in any case.
var cheapStats = []query.Stat{query.RequestRate, query.ErrorRatio, query.TCPRate, query.MTLS}

// listedStats are the stats of a table: the cheap ones, and those asked for.
func listedStats(asked []query.Stat) []query.Stat {
	stats := slices.Clone(cheapStats)
	for _, s := range asked {
		if !slices.Contains(stats, s) {
			stats = append(stats, s)
		}
	}
	return stats
}

// statColumn is a column of a stat, as it is: panels know its unit.
func statColumn[Row any](s query.Stat, suffix, label string, of func(Row) *totals) column[Row] {
	form := statForms[s]
	return stat(form.column+suffix, form.label+label, form.columnUnit, func(r Row) (float64, bool) { return of(r).stat(s) })
}
