// Package frames turns a graph into the data frames that Grafana draws, lists
// and alerts on: the two of its node graph panel, tables of nodes and edges,
// and verdicts.
//
// What tables and alert rules need is documented by Grafana: rows with names and
// numbers, and for alerts one number for each set of labels. The node graph
// panel's contract is partly unwritten: some frames crash it, and some
// fields replace others. What is promised of a graph, checked by tests on
// every frame that they make:
//
//   - both frames are there, with all their fields, even without a row;
//   - every end of an edge has its node's row;
//   - ids are unique, and made of characters that an SVG reference may hold;
//   - a node's arcs sum to 1 exactly, or there is none and color is set;
//   - stats are numbers with a literal unit, or null; never NaN or infinite;
//   - colours are hex values;
//   - there are at most as many nodes as asked for, with whole edges, and a
//     notice when something was left out;
//   - rows are in the order of their ids.
//
// An edge from a node to itself has no length and cannot be drawn; it is told
// in its node's details.
package frames
