// Package istio is the vocabulary of Istio's standard metrics: their names and
// labels, the PromQL that asks for them, and the quirks of the proxies that
// report them. It turns samples into topology's reports, and does no I/O.
//
//	Questions ──▶ a store answers ──▶ Reader ──▶ Place (T2, T8) ──▶ topology.Reports
package istio
