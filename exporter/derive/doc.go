// Package derive asks a store for Istio's metrics and makes reports, flows and
// graphs of the answers. It is where the pure core (istio, topology) meets the
// network (promql).
package derive
