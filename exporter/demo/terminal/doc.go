// Package terminal shows the edges of a mesh as a table on a terminal, read
// from the series that the exporter derives.
package terminal
