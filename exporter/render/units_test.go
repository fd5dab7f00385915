package render

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

func TestUnits(t *testing.T) {
	for want, got := range map[string]string{
		"0 req/s":      quantity(0, "req/s"),
		"0.0003 req/s": quantity(0.0003, "req/s"),
		"1e-09 req/s":  quantity(1e-9, "req/s"),
		"12.3 req/s":   quantity(12.34, "req/s"),
		"999 req/s":    quantity(999.4, "req/s"),
		"1k req/s":     quantity(999.6, "req/s"),
		"1.23M req/s":  quantity(1234567, "req/s"),
		"50000T req/s": quantity(5e16, "req/s"),
		"17.5 kB/s":    byteRate(17500),
		"16.7 B/s":     byteRate(16.67),
		"0%":           percent(0) + "%",
		"0.0001%":      percent(1e-6) + "%",
		"33.3%":        percent(1.0/3) + "%",
		"99.9%":        percent(0.99999) + "%",
		"100%":         percent(1) + "%",
		"0.5ms":        duration(0.0005),
		"12.3ms":       duration(0.01234),
		"1s":           duration(1),
		"3600s":        duration(3600),
		none:           duration(math.NaN()),
	} {
		require.Equal(t, want, got)
	}
	for _, got := range []string{quantity(math.NaN(), "x"), byteRate(math.NaN()), percent(math.NaN())} {
		require.Equal(t, none, got)
	}
}

func TestClip(t *testing.T) {
	for _, tc := range []struct {
		name  string
		width int
		want  string
	}{
		{"reviews-v1", 10, "reviews-v1"},
		{"reviews-v1", 9, "revi…s-v1"},
		{"reviews-v1", 2, "r…"},
		{"reviews-v1", 1, "…"},
		{"日本語の名前", 12, "日本語の名前"},
		{"日本語の名前", 7, "日…名前"},
		{"日本語の名前", 6, "日… 前"}, // halves of a character are not drawn
		{"👩‍👩‍👧‍👦 family", 5, "👩‍👩‍👧‍👦…ly"},
	} {
		got := clip(tc.name, tc.width)
		require.Equal(t, tc.want, got)
		require.LessOrEqual(t, cells.StringWidth(got), tc.width)
	}
}

// T3: a ratio is a ratio of sums, and what is not known is no number.
func TestRates(t *testing.T) {
	var tr topology.Traffic
	tr.AddRequests(topology.Response{Code: "200"}, 90)
	tr.AddRequests(topology.Response{Code: "404"}, 4)
	tr.AddRequests(topology.Response{Code: "0"}, 6)
	tr.ResponseBytes = 600
	r := ratesOf(&tr, topology.HTTP, time.Minute)
	require.InDelta(t, 100.0/60, r.requests, 1e-12)
	require.InDelta(t, 0.1, r.errorRatio, 1e-12)
	require.Equal(t, 10.0, r.responseBytes)
	require.Equal(t, 10.0, r.bytes())
	for _, unknown := range []float64{r.requestBytes, r.opened, r.mean, r.p95, r.mutualTLS} {
		require.True(t, math.IsNaN(unknown))
	}

	none := ratesOf(&tr, topology.HTTP, 0)
	require.True(t, math.IsNaN(none.requests))
	require.InDelta(t, 0.1, none.errorRatio, 1e-12, "a ratio needs no time")
}

func TestSeverity(t *testing.T) {
	for ratio, want := range map[float64]severity{0: fine, 1e-9: troubled, 0.0999: troubled, 0.1: failing, 1: failing} {
		require.Equal(t, want, severityOf(ratio), "%v", ratio)
	}
	require.Equal(t, noCalls, severityOf(math.NaN()))
}
