// Package health judges how well the parts of a mesh are, and says whose fault
// it is when they are not.
//
// Verdicts are Kiali's: its tolerances, the order in which they are matched,
// its annotation, and replicas beside requests. They are judged on the whole
// picture (T6), and not on fewer requests than Rules ask for:
//
//	flows, objects ── Rules.Judge ──▶ Verdicts   of workloads, apps, services, namespaces and edges
//	                                     │
//	                                     ├─ Faults ──▶ where failures begin, and who suffers from them
//	                                     └─ Settled ─▶ what has lasted, for publication
//
// It is pure: what time it is is told to it.
package health
