// Package derived reads a graph's flows from the series that the exporter
// publishes.
//
// A time range is one instant query per family: what it grew by over the
// range, at the range's end. Only the families that the asked view needs are
// asked for, all at once. A long range is read in pieces: whole hours from the
// mixin's hourly rollups, if there are any, and what is left as before.
package derived
