package refresh

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/health"
	"github.com/meshscope/meshscope/exporter/kube/kubetest"
	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
)

var (
	ok200  = topology.Response{Code: "200"}
	err503 = topology.Response{Code: "503", Flags: "UH"}
	noon   = time.Unix(1767355200, 0)
)

func edgeTo(workload string) topology.EdgeKey {
	return topology.EdgeKey{
		Source:      topology.Peer{Cluster: "east", Namespace: "shop", Workload: "front"},
		Destination: topology.Peer{Cluster: "east", Namespace: "shop", Workload: workload},
	}
}

func requests(workload string, r topology.Response, n float64) topology.Flow {
	f := topology.Flow{Key: edgeTo(workload), Protocol: topology.HTTP, Traffic: new(topology.Traffic)}
	f.Traffic.AddRequests(r, n)
	return f
}

// playback adds intervals one after the other.
type playback struct {
	*window
	at time.Time
}

func (p *playback) after(d time.Duration, flows ...topology.Flow) {
	p.at = p.at.Add(d)
	p.add(topology.Interval{End: p.at, Length: d}, flows)
}

func (p *playback) count(r topology.Response) (total float64) {
	for _, f := range p.flows() {
		total += f.Traffic.Requests[r]
	}
	return total
}

func TestWindowForgets(t *testing.T) {
	p := &playback{newWindow(5*time.Minute, 15*time.Second), noon}
	p.after(15*time.Second, requests("cart", err503, 0.1))
	for range 19 {
		p.after(15*time.Second, requests("cart", ok200, 0.7))
	}
	require.Equal(t, 0.1, p.count(err503), "five minutes ago")
	require.InDelta(t, 19*0.7, p.count(ok200), 1e-9)
	require.Equal(t, topology.Interval{End: p.at, Length: 5 * time.Minute}, localised(p.interval(), p.at))

	p.after(15*time.Second, requests("cart", ok200, 0.7))
	flows := p.flows()
	require.Len(t, flows, 1)
	require.NotContains(t, flows[0].Traffic.Requests, err503, "not even a rest of subtracting")
	require.InDelta(t, 20*0.7, p.count(ok200), 1e-9)

	p.after(time.Hour)
	require.Empty(t, p.flows())
	require.Empty(t, p.lines)
}

func localised(iv topology.Interval, as time.Time) topology.Interval {
	iv.End = iv.End.In(as.Location())
	return iv
}

// What came in one long interval leaves slot by slot.
func TestWindowSpreadsLongIntervals(t *testing.T) {
	p := &playback{newWindow(5*time.Minute, 15*time.Second), noon}
	p.after(10*time.Minute, requests("cart", ok200, 100))
	require.InDelta(t, 50, p.count(ok200), 1e-9, "the half of it is too long ago")
	p.after(time.Minute, requests("cart", err503, 4))
	require.InDelta(t, 40, p.count(ok200), 1e-9)
	require.InDelta(t, 4, p.count(err503), 1e-9)
	p.after(4*time.Minute, requests("cart", ok200, 1))
	require.InDelta(t, 1, p.count(ok200), 1e-9)
	require.InDelta(t, 4, p.count(err503), 1e-9)
}

// Long windows take no more memory than short ones.
func TestWindowIsBounded(t *testing.T) {
	for _, tc := range []struct {
		length, step, slot time.Duration
		slots              int64
	}{
		{5 * time.Minute, 15 * time.Second, 15 * time.Second, 20},
		{time.Hour, 15 * time.Second, 2 * time.Minute, 30},
		{5 * time.Minute, time.Second, 10 * time.Second, 30},
		{time.Minute, 2 * time.Minute, 2 * time.Minute, 1},
		{7 * time.Minute, time.Minute, time.Minute, 7},
	} {
		w := newWindow(tc.length, tc.step)
		require.Equal(t, tc.slot, w.slot, tc)
		require.Equal(t, tc.slots, w.slots, tc)
	}
}

func TestWindowKeepsSignsOfTraffic(t *testing.T) {
	p := &playback{newWindow(time.Minute, 15*time.Second), noon}
	tcp := topology.Flow{Key: edgeTo("db"), Protocol: topology.TCP, Traffic: new(topology.Traffic)}
	tcp.Traffic.AddTCPRequestBytes("DC", 10)
	stream := topology.Flow{Key: edgeTo("chat"), Protocol: topology.GRPC, Traffic: &topology.Traffic{ResponseMessages: 3}}
	idle := topology.Flow{Key: edgeTo("idle"), Protocol: topology.HTTP, Traffic: new(topology.Traffic)}
	idle.Traffic.AddRequests(ok200, 0)
	p.after(15*time.Second, tcp, stream, idle)
	flows := p.flows()
	require.Len(t, flows, 2)
	require.Equal(t, "chat", flows[0].Key.Destination.Workload)
	require.Equal(t, 3.0, flows[0].Traffic.ResponseMessages)
	require.Equal(t, map[string]float64{"": 10}, flows[1].Traffic.TCPRequestBytes)
	require.Positive(t, flows[1].Traffic.Activity())
}

func TestWindowOfAnotherLength(t *testing.T) {
	p := &playback{newWindow(5*time.Minute, 15*time.Second), noon}
	for range 20 {
		p.after(15*time.Second, requests("cart", ok200, 3))
	}
	require.Same(t, p.window, p.resized(5*time.Minute, 15*time.Second))
	p.window = p.resized(time.Minute, 15*time.Second)
	require.InDelta(t, 12, p.count(ok200), 1e-9)
	p.window = p.resized(10*time.Minute, 15*time.Second)
	require.InDelta(t, 12, p.count(ok200), 1e-9)
}

// The clock of a machine may be set back.
func TestWindowIgnoresTimeThatGoesBack(t *testing.T) {
	p := &playback{newWindow(time.Minute, 15*time.Second), noon}
	p.after(15*time.Second, requests("cart", ok200, 1))
	p.after(-time.Hour)
	p.at = noon
	p.after(15*time.Second, requests("cart", ok200, 1))
	require.InDelta(t, 2, p.count(ok200), 1e-9)
}

// mesh2800 are the flows of an interval on 2,800 edges between nearly all
// workloads of kubetest.Large.
func mesh2800() (flows []topology.Flow) {
	peer := func(n int) topology.Peer {
		namespace, name := kubetest.Large.Service(n)
		return topology.Peer{Cluster: "east", Namespace: namespace, Workload: name, CanonicalService: name, CanonicalRevision: "v1"}
	}
	for i := range 2800 {
		from, to := peer(i%900), peer(i%900+1+i/900*7)
		f := topology.Flow{
			Key:      topology.EdgeKey{Source: from, Destination: to, Service: topology.Service{Host: to.Workload, Name: to.Workload, Namespace: to.Namespace}},
			Protocol: topology.HTTP, Traffic: new(topology.Traffic),
		}
		f.Traffic.AddRequests(ok200, 100)
		f.Traffic.AddRequests(err503, float64(i%20))
		flows = append(flows, f)
	}
	return flows
}

// BenchmarkWindow adds an interval and takes the sums.
func BenchmarkWindow(b *testing.B) {
	p := &playback{newWindow(5*time.Minute, 15*time.Second), noon}
	flows := mesh2800()
	b.ReportAllocs()
	for b.Loop() {
		p.after(15*time.Second, flows...)
		p.flows()
	}
}

// BenchmarkJudge is all that a refresh does for health before it renders, and
// tells what it keeps.
func BenchmarkJudge(b *testing.B) {
	heap := func() float64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	flows := mesh2800()
	before := heap()
	j := newJudge(settings{
		counters: schedule{step: 15 * time.Second},
		health:   healthSettings{rules: health.DefaultRules(), window: 5 * time.Minute, delay: time.Minute},
	})
	at := noon
	step := func() {
		at = at.Add(15 * time.Second)
		j.count(topology.Interval{End: at, Length: 15 * time.Second}, flows)
		j.judge(at, j.recent.flows(), &series.Assessment{})
	}
	for range 20 {
		step()
	}
	kept := heap() - before
	b.ReportAllocs()
	for b.Loop() {
		step()
	}
	b.ReportMetric(kept/1e6, "kept-MB")
	runtime.KeepAlive(j)
}
