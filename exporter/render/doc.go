// Package render writes a topology.Graph in the forms that people and other
// programs read: a table for a terminal, JSON, and the languages of Graphviz
// and Mermaid.
//
// A form is a function of the graph alone: equal graphs give equal bytes (T4).
// Rates keep their size and are rounded here, at the very end (T5). What is
// not known is absent, or "-" where a form has a place for it; it is never a
// number. Names come from telemetry and may hold anything: each form escapes
// them by the rules of its own language.
package render
