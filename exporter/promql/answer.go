package promql

import "time"

// Answer describes an answer. Beside an error it describes what was read
// before it.
type Answer struct {
	// Series and Points count what the caller's function was given.
	Series, Points int
	// Histograms counts samples that are native histograms, which are skipped. A
	// series of nothing else is not given to the caller's function at all.
	Histograms int
	// Bytes is the size of the body, decompressed.
	Bytes int64
	// Warnings and Infos are the store's annotations, at most 100 of each. A
	// warning can mean that the answer lacks something, as from Thanos with
	// partial_response.
	Warnings, Infos []string
	// Duration is the time from sending the request to the last byte, with what
	// the caller's function took. Waiting for a free slot is not in it.
	Duration time.Duration
}
