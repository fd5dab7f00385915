package istio_test

import (
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/topology"
)

// FuzzSamplesToGraph reads raw label sets and makes graphs of them. No label
// makes it panic, none loses a sample without a word, and every call that was
// accepted is on one edge once (T1).
//
//	go test -run='^$' -fuzz=FuzzSamplesToGraph ./exporter/istio
func FuzzSamplesToGraph(f *testing.F) {
	f.Add([]byte{}, "", false)
	f.Add([]byte("every call is counted once, whoever reports it and whatever it is called"), "10.0.0.1:80", false)
	f.Add([]byte("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff\x01\x12\x23\x34\x45\x56\x67"), "istio-egressgateway.istio-system.svc.cluster.local", true)
	f.Add([]byte("\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\xf7\xf6\xf5\xf4\xf3\xf2\xf1\xf0"), "say \"hi\"\n🚢\x00", true)
	f.Fuzz(checkSamplesToGraph)
}

// TestSamplesToGraph is FuzzSamplesToGraph for a while, always the same.
func TestSamplesToGraph(t *testing.T) {
	random := rand.NewChaCha8([32]byte([]byte("samples to graph, samples to gra")))
	odd := []string{"a", "unknown", "10.0.0.1:80", "c.shop.svc.cluster.local", `"\` + "\n🚢"}
	for i := range 400 {
		data := make([]byte, 40*(1+i%12))
		random.Read(data) // does not fail
		checkSamplesToGraph(t, data, odd[i%len(odd)], i%3 == 0)
	}
}

func checkSamplesToGraph(t *testing.T, data []byte, odd string, clusters bool) {
	samples := drawSamples(data, odd, clusters)
	accepted := 0.0
	acceptedBy := map[string][]sample{}
	for _, s := range samples {
		if _, reason := place(s.labels); reason == "" {
			accepted += s.value
			by := s.labels[istio.ReporterLabel]
			acceptedBy[by] = append(acceptedBy[by], s)
		}
	}
	reports, tally := fed(samples)
	require.Equal(t, len(samples), tally.Samples[istio.Requests.Key])
	said := 0.0
	for r := range reports.All() {
		said += r.Traffic.Total()
	}
	require.Equal(t, accepted, said, "the reports say what was accepted")

	for _, alone := range acceptedBy {
		want := 0.0
		for _, s := range alone {
			want += s.value
		}
		of, _ := fed(alone)
		if got, folded := graphTotal(t, of); folded == 0 {
			require.Equal(t, want, got, "all that the one reporter said is on edges")
		} else {
			require.LessOrEqual(t, got, want)
		}
	}
	chosen := chosenTotal(reports)
	got, _ := graphTotal(t, reports)
	if clusters {
		require.LessOrEqual(t, got, accepted)
	} else {
		require.Equal(t, chosen, got, "of the chosen reporters all, of the others nothing")
	}
}

// sample is one of istio_requests_total.
type sample struct {
	labels with
	value  float64
}

// drawSamples makes samples of bytes: each chooses a label's value from few,
// so that what is drawn meets. Unless clusters is set there is one cluster,
// and reports need nothing of each other.
func drawSamples(data []byte, odd string, clusters bool) []sample {
	next := func() (b byte) {
		if len(data) > 0 {
			b, data = data[0], data[1:]
		}
		return b
	}
	words := map[istio.Label][]string{
		istio.ReporterLabel:                {"source", "destination", "waypoint", "source", "destination", "", "unknown", "Source"},
		istio.SourceCluster:                {"east", "west", "", "unknown"},
		istio.SourceWorkloadNamespace:      {"bookinfo", "shop", "", "unknown"},
		istio.SourceWorkload:               {"a", "b", "", "unknown", odd},
		istio.SourceCanonicalService:       {"app", "", "unknown", odd},
		istio.SourceCanonicalRevision:      {"v1", "latest", "", "unknown"},
		istio.DestinationCluster:           {"east", "west", "", "unknown"},
		istio.DestinationWorkloadNamespace: {"bookinfo", "shop", "", "unknown", odd},
		istio.DestinationWorkload:          {"a", "c", "", "unknown", odd},
		istio.DestinationCanonicalService:  {"app", "", "unknown"},
		istio.DestinationCanonicalRevision: {"v1", "latest", "", odd},
		istio.DestinationService:           {"c.bookinfo.svc.cluster.local", "httpbin.org", "", "unknown", odd, "10.0.0.1:80"},
		istio.DestinationServiceName:       {"c", "PassthroughCluster", "", "unknown", odd, "10.0.0.1"},
		istio.DestinationServiceNamespace:  {"bookinfo", "shop", "", "unknown"},
		istio.RequestProtocol:              {"http", "grpc", "", "tcp", odd},
		istio.ResponseCode:                 {"200", "0", "503", "", "unknown", odd},
		istio.GRPCResponseStatus:           {"", "0", "14"},
		istio.ResponseFlags:                {"-", "UF", "", odd},
		istio.ConnectionSecurityPolicy:     {"mutual_tls", "none", "unknown", ""},
	}
	order := append(placeLabels[:len(placeLabels):len(placeLabels)],
		istio.ResponseCode, istio.GRPCResponseStatus, istio.ResponseFlags, istio.ConnectionSecurityPolicy)
	var samples []sample
	for len(data) > 0 && len(samples) < 64 {
		s := sample{labels: with{}, value: float64(next())}
		for _, l := range order {
			choice := int(next())
			if !clusters && (l == istio.SourceCluster || l == istio.DestinationCluster) {
				choice = 0
			}
			s.labels[l] = words[l][choice%len(words[l])]
		}
		// Some are the same call as the one before, from another reporter.
		if n := len(samples); n > 0 && next()%2 == 0 {
			reporter := s.labels[istio.ReporterLabel]
			s.labels = maps.Clone(samples[n-1].labels)
			s.labels[istio.ReporterLabel] = reporter
		}
		samples = append(samples, s)
	}
	return samples
}

// fed is what a reader makes of samples in one answer.
func fed(samples []sample) (*topology.Reports, istio.Tally) {
	r := istio.NewReader(increments(istio.Requests))
	reports, tally := topology.NewReports(0), istio.Tally{}
	r.Begin(reports, &tally)
	defer r.End()
	for _, s := range samples {
		r.Add(says(s.labels, s.value).all(), s.value)
	}
	return reports, tally
}

// graphTotal is the number of requests on all edges of the graph of reports,
// which is the same at each level; and how many samples were folded.
func graphTotal(t *testing.T, reports *topology.Reports) (total float64, folded int) {
	t.Helper()
	iv := topology.Interval{End: time.Unix(1_700_000_000, 0), Length: step}
	resolution := topology.NewDedup(topology.DedupOptions{}).Resolve(iv, reports)
	for _, n := range resolution.Folded {
		folded += n
	}
	for i, level := range topology.Levels {
		onEdges := 0.0
		for _, e := range topology.Build(iv, resolution.Flows, topology.BuildOptions{Level: level, Idle: true}).Edges {
			onEdges += e.Traffic.Total()
		}
		if i > 0 {
			require.Equal(t, total, onEdges, "by %s as by %s", level, topology.Levels[0])
		}
		total = onEdges
	}
	return total, folded
}

// chosenTotal is what one reporter for each pair of nodes says (T1), in other
// words than topology's: for reports whose clusters are all known.
func chosenTotal(reports *topology.Reports) (total float64) {
	type pair struct {
		source, destination topology.Ref
		protocol            topology.Protocol
	}
	type said struct{ made, answered float64 }
	pairs := map[pair]map[topology.Reporter]said{}
	for r := range reports.All() {
		p := pair{r.Key.SourceRef(), r.Key.DestinationRef(), r.Protocol}
		if pairs[p] == nil {
			pairs[p] = map[topology.Reporter]said{}
		}
		s := pairs[p][r.Reporter]
		pairs[p][r.Reporter] = said{s.made + r.Traffic.Total(), s.answered + r.Traffic.Answered(r.Protocol)}
	}
	hasCalls := func(p pair, protocol topology.Protocol) bool {
		calls := pairs[pair{p.source, p.destination, protocol}]
		_, bySource := calls[topology.BySource]
		_, byWaypoint := calls[topology.ByWaypoint]
		return bySource || byWaypoint
	}
	for p, by := range pairs {
		source, bySource := by[topology.BySource]
		waypoint, byWaypoint := by[topology.ByWaypoint]
		destination := by[topology.ByDestination]
		const more = 10 * float64(step) / float64(5*time.Minute)
		switch {
		case bySource && destination.answered > 1.2*source.made && destination.answered-source.made > more:
			total += destination.made
		case bySource:
			total += source.made
		case p.protocol == topology.TCP && (hasCalls(p, topology.HTTP) || hasCalls(p, topology.GRPC)):
			// is transport (T9)
		case byWaypoint:
			total += waypoint.made
		default:
			total += destination.made
		}
	}
	return total
}
