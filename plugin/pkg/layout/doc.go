// Package layout places the nodes of a graph for a panel that draws edges as
// straight lines: callers left of callees, groups together, few crossings; and
// so that what is there stays where it is when something else comes or goes.
//
// # Drawn anew
//
// Layered knows nothing of the drawing before it, so that equal graphs look
// alike. What stays has to follow from the graph's names and edges, by steps in
// which small causes have small effects. Each step was chosen for that:
//
//   - Cycles are broken by how far nodes are from where calls begin, not by the
//     order of a search. Heuristics for the fewest edges that go back take others
//     when one edge comes (cycles.go).
//   - Columns are lengths of longest ways. One more edge moves only what is below
//     it, and only where it makes a way longer. A new end changes no column (layers.go).
//   - Groups have lanes, by which groups call which, and roughly how much
//     (lanes.go). In all columns, groups are in the order of lanes.
//   - Nodes have levels, by springs: edges pull at them, and anchors, drawn by lot
//     of each name. The balance changes little with each spring (springs.go).
//   - Columns are sorted by levels. Then nodes, and the bends that edges make in
//     the columns that they pass, go where they cross less, in their lane. That
//     compares orders, not heights: moved heights change nothing (order.go).
//   - Heights are settled by means of neighbours and isotonic regression, no step
//     of which moves anything more than its cause; then rounded to rows (rows.go).
//   - What would hide an edge gives way to it by half a row, to the side of which
//     rounding took it (way.go).
//   - Parts that do not hang together are put beside and below the biggest (pack.go).
//
// Moving nodes freely to where straight lines cross least was tried. It crossed
// as little as Grafana's own layout, about a seventh less; but one edge more then
// moved about a fifth of the nodes.
//
// A node must move when its edges change, or the longest way to it; when a call
// between groups that did not call each other changes the order of lanes; when
// its part of the graph is joined with another, or parted, or finds or loses
// room beside the biggest; and when it would otherwise stand where another has
// come. That is not all that moves: of small changes, a quarter to two
// fifths also move others by more than a step, one or two nodes of a hundred, and
// most move something by half a step. For who looks at one graph for long, that is
// too much.
//
// # From memory
//
// So a Memory knows where nodes were (memory.go), and goes on from there (keep.go):
//
//   - Who was there stays, callers before callees, unless a new call comes from
//     the right of it: then it moves to the right of that, in its row, and so do
//     those whom it calls.
//   - A newcomer goes where it would be if all were drawn anew, moved as its
//     neighbours are; of the free places there, to the one that makes edges cross
//     and nodes hide them least. Where there is no place, its column makes room,
//     nobody by more than a step.
//   - Parts that are wholly new go where they would be, or below all.
//   - Who went keeps its place for a while, as long as nobody else takes it.
//   - The graph is drawn anew beside that, each time. Where the picture from memory
//     is worse than that by more than a quarter (quality.go), or a quarter of it is
//     new, the new one is taken, and everything begins again.
//
// Of small changes, 93 to 100 of a hundred then move nothing at all. The tests of
// stability measure both.
//
// No volume of traffic has a part in it. The package is pure: a memory is a value.
package layout
