package render

import (
	"bufio"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// column is one of the table's.
type column struct {
	title string
	right bool // numbers are set to the right
	// drop orders the columns that a narrow terminal does without, the first
	// to go first; 0 stays.
	drop int
	cell func(e *topology.Edge, r rates, names namer) string
}

var columns = []column{
	{title: "SOURCE", cell: func(e *topology.Edge, _ rates, names namer) string { return names.full(e.Source) }},
	{title: "DESTINATION", cell: func(e *topology.Edge, _ rates, names namer) string { return names.full(e.Target) }},
	{title: "PROTOCOL", cell: func(e *topology.Edge, _ rates, _ namer) string { return printable(string(e.Protocol)) }},
	{title: "RATE", right: true, cell: func(_ *topology.Edge, r rates, _ namer) string { return callRate(r) }},
	{title: "ERR %", right: true, drop: 5, cell: func(_ *topology.Edge, r rates, _ namer) string { return percent(r.errorRatio) }},
	{title: "P95", right: true, drop: 4, cell: func(_ *topology.Edge, r rates, _ namer) string { return duration(r.p95) }},
	{title: "BYTES", right: true, drop: 1, cell: func(_ *topology.Edge, r rates, _ namer) string { return byteRate(r.bytes()) }},
	{title: "MTLS %", right: true, drop: 2, cell: func(_ *topology.Edge, r rates, _ namer) string { return percent(r.mutualTLS) }},
}

// healthColumns stand last where somebody has judged the graph.
var healthColumns = []column{
	{title: "HEALTH", drop: 6, cell: func(e *topology.Edge, _ rates, _ namer) string { return healthText(e.Verdict) }},
	{title: "WHY", drop: 3, cell: func(e *topology.Edge, _ rates, _ namer) string { return clip(causeText(e.Verdict, nil), maxLabel) }},
}

const (
	nameColumns = 2  // the first two, which give way
	minName     = 16 // before a column is dropped
	leastName   = 11 // after all that can be were
	leastTable  = 55
	gap         = "  "
)

func callRate(r rates) string {
	if math.IsNaN(r.requests) {
		return quantity(r.opened, "conn/s")
	}
	return quantity(r.requests, "req/s")
}

// Table writes g's edges as aligned text, sorted by source and destination,
// and below them the nodes that were judged to be ill.
// Where width is not 0, names are shortened and, on narrow terminals, columns
// left out, so that lines have at most so many columns (or about 55, which is
// the least).
func Table(w io.Writer, g *topology.Graph, width int) error {
	names, columns := newNamer(g), columns
	if isJudged(g) {
		columns = slices.Concat(columns, healthColumns)
	}
	rows := make([][]string, 1, len(g.Edges)+1)
	for _, c := range columns {
		rows[0] = append(rows[0], c.title)
	}
	for _, e := range g.Edges {
		r := ratesOf(&e.Traffic, e.Protocol, g.Interval.Length)
		row := make([]string, len(columns))
		for i, c := range columns {
			row[i] = c.cell(e, r, names)
		}
		rows = append(rows, row)
	}
	shown, widths := layOut(columns, rows, width)

	b := bufio.NewWriter(w)
	for _, row := range rows {
		writeRow(b, columns, row, shown, widths)
	}
	for _, n := range g.Nodes {
		if trouble := troubleText(n); trouble != "" {
			line := "# " + names.full(n) + ": " + trouble
			if width > 0 {
				line = clip(line, max(width, leastTable))
			}
			write(b, line, "\n")
		}
	}
	writeOmitted(b, "# ", g.Rest)
	return b.Flush()
}

// layOut says which columns are shown, and how wide each is.
func layOut(columns []column, rows [][]string, width int) (shown, widths []int) {
	widths = make([]int, len(columns))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], cells.StringWidth(cell))
		}
	}
	for i := range columns {
		shown = append(shown, i)
	}
	if width <= 0 {
		return shown, widths
	}
	room := func() int { // for names
		left := width - len(gap)*(len(shown)-1)
		for _, i := range shown[nameColumns:] {
			left -= widths[i]
		}
		return left
	}
	wanted := min(widths[0], minName) + min(widths[1], minName)
	for room() < wanted {
		next := -1
		for at, i := range shown {
			if columns[i].drop > 0 && (next < 0 || columns[i].drop < columns[shown[next]].drop) {
				next = at
			}
		}
		if next < 0 {
			break
		}
		shown = slices.Delete(shown, next, next+1)
	}
	widths[0], widths[1] = share(room(), widths[0], widths[1])
	return shown, widths
}

// share divides room between two names: in halves, but for what one of them
// does not need.
func share(room, a, b int) (int, int) {
	if a+b <= room {
		return a, b
	}
	half := max(room/2, leastName)
	switch {
	case a < half:
		return a, max(room-a, leastName)
	case b < half:
		return max(room-b, leastName), b
	default:
		return half, max(room-half, leastName)
	}
}

func writeRow(w *bufio.Writer, columns []column, row []string, shown, widths []int) {
	var line strings.Builder
	for at, i := range shown {
		if at > 0 {
			write(&line, gap)
		}
		text := row[i]
		if i < nameColumns {
			text = clip(text, widths[i])
		}
		fill := strings.Repeat(" ", max(0, widths[i]-cells.StringWidth(text)))
		if columns[i].right {
			write(&line, fill, text)
		} else {
			write(&line, text, fill)
		}
	}
	write(w, strings.TrimRight(line.String(), " "), "\n")
}
