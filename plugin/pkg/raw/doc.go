// Package raw derives a graph's flows from Istio's own series, for those who
// run no exporter.
//
// It asks the same questions as "meshscope graph". A query costs as much as
// there are series, pods and reporters included, for each viewer and each
// time: so ranges have a maximum. And increase() misses the first sample of
// each series: calls of new pods, and rare errors, are undercounted. Both are
// what the exporter is for.
package raw
