// Package store is Prometheus as a library: its storage, its query engine, its
// HTTP API and its scrapes, in the process of a demo or a test.
//
// Samples come in two ways. Scrape runs Prometheus's own scrapes on wall time.
// Append does by hand what a scrape does, at any time that a simulation has
// reached, with all that Prometheus adds to a scrape: target labels, up and
// the scrape_* series, and stale markers for what is no longer there.
package store
