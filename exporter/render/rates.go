package render

import (
	"math"
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

// rates are what traffic comes to per second, and its ratios. What is not
// known, or was not reported at all, is NaN.
type rates struct {
	requests, errorRatio              float64
	mean, p50, p95, p99               float64 // of request durations, in seconds
	requestBytes, responseBytes       float64 // client to server and back, of whichever protocol
	requestMessages, responseMessages float64
	opened, closed                    float64 // connections
	mutualTLS                         float64 // share
}

func ratesOf(t *topology.Traffic, p topology.Protocol, window time.Duration) rates {
	tcpRequest, tcpResponse := t.TCPBytes()
	r := rates{
		requests:         math.NaN(),
		errorRatio:       errorRatio(t, p),
		mean:             math.NaN(),
		p50:              math.NaN(),
		p95:              math.NaN(),
		p99:              math.NaN(),
		requestBytes:     reported(t.RequestBytes+tcpRequest, window),
		responseBytes:    reported(t.ResponseBytes+tcpResponse, window),
		requestMessages:  reported(t.RequestMessages, window),
		responseMessages: reported(t.ResponseMessages, window),
		opened:           reported(t.Opened, window),
		closed:           reported(t.Closed, window),
		mutualTLS:        math.NaN(),
	}
	if len(t.Requests) > 0 {
		r.requests = perSecond(t.Total(), window)
	}
	if h := t.Latency; h != nil {
		r.mean, r.p50, r.p95, r.p99 = h.Mean(), h.Quantile(.5), h.Quantile(.95), h.Quantile(.99)
	}
	if share, ok := t.MutualTLSShare(); ok {
		r.mutualTLS = share
	}
	return r
}

// bytes are those of both directions.
func (r rates) bytes() float64 {
	switch {
	case math.IsNaN(r.requestBytes):
		return r.responseBytes
	case math.IsNaN(r.responseBytes):
		return r.requestBytes
	}
	return r.requestBytes + r.responseBytes
}

func errorRatio(t *topology.Traffic, p topology.Protocol) float64 {
	errors, total := 0.0, 0.0
	for outcome, n := range t.Outcomes(p) {
		total += n
		if topology.Outcome(outcome).IsError() {
			errors += n
		}
	}
	return errors / total // NaN without requests
}

func perSecond(n float64, window time.Duration) float64 {
	if window <= 0 {
		return math.NaN()
	}
	return n / window.Seconds()
}

// reported is the rate of something that is a plain number in Traffic: 0 there
// is also what was never reported.
func reported(n float64, window time.Duration) float64 {
	if n == 0 {
		return math.NaN()
	}
	return perSecond(n, window)
}
