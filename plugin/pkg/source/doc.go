// Package source is what graphs are made from: the flows of an interval, with
// how they came about. The packages derived and raw are its two kinds.
package source
