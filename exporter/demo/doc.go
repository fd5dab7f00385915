// Package demo runs a simulated mesh and a Prometheus that scrapes it in one
// process: on simulated time by Play, for tests, and on wall time by Demo, for
// people.
package demo
