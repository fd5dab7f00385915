// Package filter is the language that chooses and marks parts of a graph: by
// what is known of its nodes and edges. docs/filters.md is its manual.
//
// Expressions are read and run by expr-lang/expr, of which only a small part
// is let through: fields, literals, comparison, arithmetic, text and lists. So
// an expression does nothing but look at one edge or node, always ends, and
// costs no more than its length. A wrong one is answered with the place and
// the reason, before there is a graph.
package filter
