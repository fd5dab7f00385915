// Package refresh keeps the derived series up to date: at each refresh it asks
// for what Istio's counters grew by since the last, posts it to the ledger, and
// serves the snapshot that it makes of that until the next.
//
//	tick ─▶ schedule ─▶ derive.Asker ─▶ topology.Dedup ─▶ series.Ledger ─▶ series.Snapshot
//	        (which          (reports)       (flows)          (counters)        │
//	         instants)                                                    GET /metrics
package refresh
