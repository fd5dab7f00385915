package istiotest

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/demo/store"
)

// Series is a counter that a proxy exposes.
type Series struct {
	// Target is the proxy: the instance that it is scraped as.
	Target string
	// Text is the series as it stands in an exposition, without its value.
	Text string
	// Total is what it counts to.
	Total float64
}

// text is a series in Prometheus's text format.
func text(metric string, lbls map[string]string) string {
	var b strings.Builder
	b.WriteString(metric)
	separator := "{"
	for _, name := range slices.Sorted(maps.Keys(lbls)) {
		fmt.Fprintf(&b, `%s%s="%s"`, separator, name, escape.Replace(lbls[name]))
		separator = ","
	}
	b.WriteString("}")
	return b.String()
}

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// Scrape stores what all targets expose when their counters have come so far,
// from 0 to 1, on the way to their totals.
func Scrape(t testing.TB, s *store.Store, at time.Time, all []Series, share float64) {
	t.Helper()
	for _, target := range Targets(all) {
		ScrapeTarget(t, s, at, target, all, share)
	}
}

// Targets are the names of all targets, sorted.
func Targets(all []Series) []string {
	names := map[string]bool{}
	for _, one := range all {
		names[one.Target] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// ScrapeTarget stores what one target exposes.
func ScrapeTarget(t testing.TB, s *store.Store, at time.Time, target string, all []Series, share float64) {
	t.Helper()
	var exposition bytes.Buffer
	for _, one := range all {
		if one.Target == target {
			fmt.Fprintf(&exposition, "%s %g\n", one.Text, one.Total*share)
		}
	}
	require.NoError(t, s.Append(at, labels.FromStrings("job", "istio-proxies", "instance", target), exposition.Bytes()))
}
