package query

// Layout is who places the nodes of a graph.
type Layout string

// The layouts.
const (
	LayoutPanel   Layout = "panel"   // the panel, by its own options
	LayoutLayered Layout = "layered" // the data source: callers left of callees, the same at each refresh
)

// Layouts are all layouts.
var Layouts = []Layout{LayoutPanel, LayoutLayered}
