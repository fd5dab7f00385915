package mesh

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/stretchr/testify/require"
)

var start = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// newMesh returns a mesh that has run for so many seconds.
func newMesh(t testing.TB, seconds int, c Config) *Mesh {
	t.Helper()
	c.Start = start
	m, err := New(c)
	require.NoError(t, err)
	m.Advance(start.Add(time.Duration(seconds) * time.Second))
	return m
}

// set puts a fault into force that is written as text.
func set(t testing.TB, m *Mesh, text string) {
	t.Helper()
	f, err := ParseFault(text)
	require.NoError(t, err)
	require.NoError(t, m.Set(f))
}

// exposed returns the whole mesh's metrics, target by target.
func exposed(t testing.TB, m *Mesh) string {
	t.Helper()
	var all strings.Builder
	for _, target := range m.Targets() {
		all.WriteString("## " + target.Namespace + "/" + target.Pod + " " + target.Instance + " " + target.App + "\n")
		require.NoError(t, target.WriteMetrics(&all))
	}
	return all.String()
}

// eachSeries calls a function with each series of a target, by Prometheus's
// own parser. The text is valid during the call.
func eachSeries(t testing.TB, target Target, do func(series []byte, value float64)) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, target.WriteMetrics(&out))
	parser := textparse.NewPromParser(out.Bytes(), labels.NewSymbolTable(), false)
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
		if entry == textparse.EntrySeries {
			series, _, value := parser.Series()
			do(series, value)
		}
	}
}

// samples returns a target's series.
func samples(t testing.TB, target Target) map[string]float64 {
	t.Helper()
	found := map[string]float64{}
	eachSeries(t, target, func(series []byte, value float64) {
		if _, twice := found[string(series)]; twice {
			require.Fail(t, "a series twice", "%s", series)
		}
		found[string(series)] = value
	})
	return found
}

// sample is one series of one target.
type sample struct {
	metric string
	labels map[string]string
	value  float64
}

// snapshot is everything that a mesh exposes at one time.
type snapshot []sample

func snapshotOf(t testing.TB, m *Mesh) snapshot {
	t.Helper()
	var all snapshot
	known := map[string]map[string]string{} // sets that series share, by their text
	for _, target := range m.Targets() {
		eachSeries(t, target, func(series []byte, value float64) {
			name, rest, _ := bytes.Cut(series, []byte("{"))
			if bytes.HasSuffix(name, []byte("_bucket")) {
				return
			}
			set, ok := known[string(rest)]
			if !ok {
				set = labelsOf(t, string(rest))
				known[string(rest)] = set
			}
			all = append(all, sample{string(name), set, value})
		})
	}
	return all
}

// sum adds up the series of a metric that match, by the values of the labels
// named.
func (s snapshot) sum(metric string, match map[string]string, by ...string) map[string]float64 {
	sums := map[string]float64{}
	for _, sample := range s {
		if sample.metric != metric || !matches(sample.labels, match) {
			continue
		}
		key := make([]string, 0, len(by))
		for _, label := range by {
			key = append(key, sample.labels[label])
		}
		sums[strings.Join(key, " ")] += sample.value
	}
	return sums
}

func matches(set, match map[string]string) bool {
	for name, value := range match {
		if set[name] != value {
			return false
		}
	}
	return true
}

// labelsOf reads what stands between the braces, where no value has a comma.
func labelsOf(t testing.TB, text string) map[string]string {
	t.Helper()
	set := map[string]string{}
	for pair := range strings.SplitSeq(strings.TrimSuffix(text, "}"), ",") {
		name, value, ok := strings.Cut(pair, "=")
		require.True(t, ok, "%q", pair)
		set[name] = strings.Trim(value, `"`)
	}
	return set
}
