package main_test

import (
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/demo/mesh"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
)

// TestParity: the exporter's series and Istio's own give the same frames, of
// the present and of a range in the past.
func TestParity(t *testing.T) {
	skipInShort(t)
	storeURL, now := playDemo(t, 22*time.Minute,
		mesh.Fault{Kind: mesh.Errors, DestinationNamespace: "bookinfo", DestinationWorkload: "ratings-v1", Value: 0.9})
	const window = 5 * time.Minute
	sources := map[string]grafana{}
	for _, series := range []string{"derived", "raw"} {
		sources[series] = start(t, backend.DataSourceInstanceSettings{
			ID: 1, UID: series, URL: storeURL, Updated: time.Now(), JSONData: []byte(`{"seriesSource": "` + series + `"}`),
		})
	}
	asked := func(t *testing.T, series, stored string, end time.Time) data.Frames {
		if series == "raw" {
			end = end.Add(-scrapeInterval) // the exporter is an interval behind what it reads
		}
		answer := sources[series].query(t, backend.DataQuery{
			RefID: "A", TimeRange: backend.TimeRange{From: end.Add(-window), To: end}, JSON: []byte(stored),
		})["A"]
		require.NoError(t, answer.Error)
		return answer.Frames
	}

	for _, at := range []struct {
		name string
		end  time.Time
	}{{"now", now}, {"in the past", now.Add(-8 * time.Minute)}} {
		for _, level := range []string{"workload", "versionedApp", "app", "service", "namespace", "cluster"} {
			for _, of := range []string{
				`"queryType": "graph", "edgeStats": ["requestRate", "errorRatio"], "nodeStats": ["requestRate", "errorRatio"]`,
				`"queryType": "graph", "edgeStats": ["requestRate", "p95"], "nodeStats": ["requestRate", "p50"], "serviceNodes": true`,
				`"queryType": "graph", "edgeStats": ["requestRate", "mtls"], "nodeStats": ["requestRate", "throughput"]`,
				`"queryType": "nodes", "nodeStats": ["avg", "p95", "throughput", "messageRate", "connectionRate"]`,
				`"queryType": "edges", "edgeStats": ["avg", "p95", "throughput", "messageRate", "connectionRate"]`,
				`"queryType": "edges", "serviceNodes": true, "namespaces": ["bookinfo"], "filter": "edge.errorRatio > 0.01"`,
				`"queryType": "nodes", "compareOffset": "6m", "nodeStats": ["requestRate", "errorRatio"]`,
				`"queryType": "edges", "compareOffset": "6m", "edgeStats": ["requestRate", "avg"]`,
			} {
				if at.end != now && strings.Contains(of, "compareOffset") {
					continue // it would begin with the first scrapes, of which each source misses another part
				}
				t.Run(at.name+"/"+level+"/"+of, func(t *testing.T) {
					stored := `{"level": "` + level + `", ` + of + `}`
					derived, raw := asked(t, "derived", stored, at.end), asked(t, "raw", stored, at.end)
					require.Len(t, raw, len(derived))
					for i := range derived {
						requireAlike(t, derived[i], raw[i], func(row map[string]any) float64 {
							for _, name := range []string{"request_rate", "request_rate_in", "request_rate_out", "mainstat"} {
								if rate, ok := row[name].(float64); ok {
									return rate * window.Seconds()
								}
							}
							return 0
						})
					}
				})
			}
		}
		for _, of := range []string{`"level": "workload"`, `"level": "app"`, `"level": "service"`, `"level": "namespace"`, `"entity": "edge"`} {
			t.Run(at.name+"/health/"+of, func(t *testing.T) {
				stored := `{"queryType": "health", ` + of + `}`
				derived, raw := asked(t, "derived", stored, at.end), asked(t, "raw", stored, at.end)
				framestest.CheckVerdicts(t, derived, 10_000)
				framestest.CheckVerdicts(t, raw, 10_000)
				requireAlikeVerdicts(t, verdictsOf(derived[0]), verdictsOf(raw[0]))
			})
		}
	}
}

// requireAlike requires the same rows, and in these the same names and, within
// 2 %, the same numbers.
func requireAlike(t *testing.T, derived, raw *data.Frame, requests func(row map[string]any) float64) {
	t.Helper()
	require.NotZero(t, derived.Rows(), derived.Name)
	require.ElementsMatch(t, framestest.IDs(t, derived), framestest.IDs(t, raw), derived.Name)
	compared := 0
	for _, id := range framestest.IDs(t, derived) {
		want, got := framestest.Row(t, raw, id), framestest.Row(t, derived, id)
		for name := range got {
			if name != "worst_health" && name != "fault" { // which no series of Istio's tells
				require.Contains(t, want, name, id)
			}
		}
		for name, value := range want {
			number, ok := value.(float64)
			switch {
			case name == "health", name == "health_then", name == "cause", name == "fault", name == "highlighted", name == "color", strings.HasPrefix(name, "detail__"):
				// Verdicts are compared by themselves, and texts are of the same numbers.
			case name == "subtitle":
				// Whose fault a failure is, which stands first, no series of Istio's tells.
				require.True(t, strings.HasSuffix(got[name].(string), value.(string)), "%s: %s, not %s", id, got[name], value)
			case !ok:
				require.Equal(t, value, got[name], "%s %s", id, name)
			default:
				other, known := got[name].(float64)
				require.True(t, known, "%s %s", id, name)
				field, _ := raw.FieldByName(name)
				if allowed, sure := tolerance(name, field.Config.Unit, number, requests(want)); sure {
					assert.InDelta(t, number, other, allowed, "%s %s of %g requests", id, name, requests(want))
					compared++
				}
			}
		}
	}
	require.NotZero(t, compared)
}

// tolerance is how far two tellings of a number may be apart, if they must
// agree at all. Of a few calls one more or less is more than 2 %: increase()
// of a raw counter misses the first call, and each response has a counter. Of
// few calls a quantile hangs on each.
func tolerance(name, unit string, number, requests float64) (allowed float64, sure bool) {
	const missed, many = 6, 1500
	few := missed / max(1, requests)
	switch {
	case unit == "s", unit == "ms":
		return 0.02 * number, requests > many
	case unit == "percentunit", strings.HasPrefix(name, "arc__"):
		return 0.02*number + few, true
	case unit == "%":
		return 0.02*number + 100*few, true
	}
	return number * (0.02 + few), true
}

// requireAlikeVerdicts requires that all of the same names were judged, and that
// the same have failed. One failed call of gRPC is tolerated by no default, and
// may be the one that raw counters miss: of those that have not failed, one in
// ten may be degraded here and healthy there.
func requireAlikeVerdicts(t *testing.T, derived, raw map[string]float64) {
	t.Helper()
	require.NotEmpty(t, derived)
	const failure = 3
	failed, others := 0, 0
	for name, want := range raw {
		require.Contains(t, derived, name)
		got := derived[name]
		if want == failure {
			failed++
		}
		if want == failure || got == failure {
			assert.Equal(t, want, got, name)
		} else if want != got {
			others++
		}
	}
	assert.Len(t, derived, len(raw))
	assert.Positive(t, failed)
	assert.LessOrEqual(t, others, 1+len(raw)/10)
}

func verdictsOf(f *data.Frame) map[string]float64 {
	all := map[string]float64{}
	for i := range f.Rows() {
		var names []string
		for _, field := range f.Fields {
			if text, ok := field.At(i).(string); ok {
				names = append(names, text)
			}
		}
		health, _ := f.FieldByName("health")
		value, _ := health.ConcreteAt(i)
		all[strings.Join(names, " ")] = value.(float64)
	}
	return all
}
