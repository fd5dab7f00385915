package frames

import "github.com/meshscope/meshscope/exporter/topology"

// Colours, as hex: the panel does not know Grafana's names for them on edges.
const (
	green     = "#73BF69"
	darkGreen = "#37872D"
	yellow    = "#FADE2A"
	orange    = "#FF9830"
	red       = "#F2495C"
	darkRed   = "#C4162A"
	purple    = "#B877D9"
	paleBlue  = "#8AB8FF"
	blue      = "#5794F2"
	gray      = "#8E8E8E"
	sage      = "#86A888" // green, but quiet
	amber     = "#B59B70" // orange, but quiet
	paleRed   = "#FFA6B0"
	highlight = "#1F60C4" // none of the colours of severities
)

// severityColors are the colours of edges where nobody has judged. There are many
// edges, and most are well: what is well is quiet.
var severityColors = [...]string{
	topology.Quiet: gray, topology.Healthy: sage, topology.Degraded: orange, topology.Failing: red,
}

// healthColors are the colours of verdicts. What is not ready is meant to be so.
var healthColors = [...]string{
	topology.HealthNA: gray, topology.HealthHealthy: green, topology.HealthNotReady: paleBlue,
	topology.HealthDegraded: orange, topology.HealthFailure: red,
}

// edgeHealthColors are those of edges.
var edgeHealthColors = [...]string{
	topology.HealthNA: gray, topology.HealthHealthy: sage, topology.HealthNotReady: paleBlue,
	topology.HealthDegraded: orange, topology.HealthFailure: red,
}

// categories are colours without an order, for names: hues a golden section
// apart, in three brightnesses.
var categories = [...]string{
	"#458FD3", "#90A630", "#D86CE5", "#45D39B", "#A65530", "#6E6CE5", "#6CD345", "#A63072", "#6CD3E5", "#D3BF45",
	"#7230A6", "#6CE58C", "#D34548", "#3055A6", "#B5E56C", "#D345C5", "#30A690", "#E5AB6C", "#6645D3", "#38A630",
}
