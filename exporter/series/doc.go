// Package series is the border between the graph and Prometheus series: it
// names every meshscope_* series once, keeps the derived counters (Ledger),
// renders them as one compressed exposition (Snapshot), and reads them back
// into flows (Reader).
//
//	topology.Flow ──▶ Ledger.Post ──▶ Ledger.Snapshot ──▶ GET /metrics
//	topology.Flow ◀── Reader ◀── Questions ◀── a store
package series
