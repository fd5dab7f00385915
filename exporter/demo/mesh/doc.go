// Package mesh simulates an Istio service mesh and the metrics of its proxies.
//
// Time is virtual: nothing happens until Advance is called, and then
// everything that lies between happens at once, in ticks of a second. Equal
// seeds, equal calls of Advance and equal faults give byte-equal metrics: the
// package reads no clock, starts no goroutine, and no order depends on a map.
//
// Calls are drawn one by one on each edge of the mesh, and each proxy that
// would report a call in a real mesh counts it in the pod it belongs to: the
// client's and the server's sidecar, the gateway, the waypoint, the ztunnels
// of the two nodes. Beside that the simulator keeps its own book of what truly
// happened (Truth), which knows no pods, no restarts and no scrapes.
package mesh
