// Package promql asks a Prometheus-compatible store for bulk answers.
//
// It speaks two paths of the HTTP API, /api/v1/query and /api/v1/query_range,
// which Prometheus, Thanos, Mimir and VictoriaMetrics all have. Answers of
// hundreds of thousands of series are decoded while they arrive: the caller's
// function gets one series at a time, in memory that is used again for the
// next, so that an answer costs the same few allocations whatever its size.
//
// An answer is whole or an error. The end of an answer can still turn it into
// an error (cut short, or a store that reports its failure after the data), so
// on error the caller must discard what its function has been given.
//
// Errors are of type [*Error] and sorted by [Kind]. They never hold the user,
// the password, the query part or the headers of a request.
package promql
