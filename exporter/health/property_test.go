package health_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/health"
	"github.com/meshscope/meshscope/exporter/topology"
)

// meshes are flows of a small mesh, no two of one edge and protocol. Counts are
// whole numbers, so that no order of additions shows.
func meshes() *rapid.Generator[[]topology.Flow] {
	workloads := []string{"n/a-v1", "n/a-v2", "n/b-v1", "m/a-v1", "m/c-v1", "m/d-v1"}
	one := rapid.Custom(func(t *rapid.T) topology.Flow {
		from := rapid.SampledFrom(append([]string{""}, workloads...)).Draw(t, "from")
		to := rapid.SampledFrom(append([]string{"(n/b)", "(m/a)", "(m/x)", "(out.example)", "(PassthroughCluster)"}, workloads...)).Draw(t, "to")
		protocol := rapid.SampledFrom([]topology.Protocol{topology.HTTP, topology.GRPC, topology.TCP}).Draw(t, "protocol")
		if protocol == topology.TCP {
			return tcp(from, to)
		}
		e := ends{}
		codes := map[topology.Protocol][]string{topology.HTTP: {"200", "404", "503", "-"}, topology.GRPC: {"0", "14", "503", "-"}}[protocol]
		for _, code := range codes {
			e[code] = float64(rapid.SampledFrom([]int{0, 0, 1, 5, 10, 50, 200}).Draw(t, code))
		}
		return flow(protocol, from, to, e)
	})
	return rapid.SliceOfNDistinct(one, 0, 25, func(f topology.Flow) lineID { return lineID{f.Key, f.Protocol} })
}

type lineID struct {
	key      topology.EdgeKey
	protocol topology.Protocol
}

// inventories are what may be known of a mesh's objects.
func inventories() *rapid.Generator[topology.Objects] {
	return rapid.Custom(func(t *rapid.T) topology.Objects {
		if !rapid.Bool().Draw(t, "are known") {
			return nil
		}
		o := objects{}
		for _, name := range []string{"n/a-v1", "n/b-v1", "m/a-v1", "m/d-v1"} {
			if object := rapid.SampledFrom([]*topology.Object{nil, pods(1, 1, 1), pods(2, 2, 0), pods(0, 0, 0), annotated("5XX,20,50,http,.*")}).Draw(t, name); object != nil {
				o["workload "+name] = object
			}
		}
		if rapid.Bool().Draw(t, "selectors") {
			o["service n/b"] = &topology.Object{Workloads: []string{"b-v1"}}
			o["service m/a"] = &topology.Object{Workloads: []string{"a-v1", "d-v1"}}
		}
		return o
	})
}

// Equal data give equal verdicts, in whatever order they come (T4).
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		flows, known := meshes().Draw(t, "flows"), inventories().Draw(t, "objects")
		for i := range flows { // with sums that are not exact
			for response := range flows[i].Traffic.Requests {
				flows[i].Traffic.Requests[response] *= 0.1
			}
		}
		before := judge(known, flows...)
		after := judge(known, rapid.Permutation(flows).Draw(t, "another order")...)
		require.Equal(t, dump(before), dump(after))
		require.Equal(t, dumpFaults(before.Faults()), dumpFaults(after.Faults()))
		require.Equal(t, dumpFaults(before.Faults()), dumpFaults(before.Faults()), "asked again")
	})
}

// Names mean nothing: others that tell the same apart give the same verdicts.
func TestNamesDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		flows := meshes().Draw(t, "flows")
		other := make([]topology.Flow, len(flows))
		for i, f := range flows {
			other[i] = f
			for _, p := range []*topology.Peer{&other[i].Key.Source, &other[i].Key.Destination} {
				p.Namespace, p.Workload, p.CanonicalService = renamed(p.Namespace), renamed(p.Workload), renamed(p.CanonicalService)
			}
			s := &other[i].Key.Service
			s.Namespace, s.Name, s.Host = renamed(s.Namespace), renamed(s.Name), renamed(s.Host)
		}
		one, two := judge(nil, flows...), judge(nil, other...)
		require.Equal(t, outline(one, renamed), outline(two, func(name string) string { return name }))
	})
}

// renamed gives another name, so that others come first.
func renamed(name string) string {
	if name == "" || name == home || name == "PassthroughCluster" {
		return name
	}
	letters := []byte(name)
	for i, c := range letters {
		if 'a' <= c && c <= 'z' {
			letters[i] = 'a' + 'z' - c
		}
	}
	return string(letters)
}

// outline is all that was judged but for what the order of names has a say in:
// a line each, sorted, each name by another.
func outline(v *health.Verdicts, by func(string) string) []string {
	var lines []string
	node := func(r topology.Ref) string { return string(r.Kind) + " " + by(r.Namespace) + "/" + by(r.Name) }
	for r, verdict := range v.All() {
		lines = append(lines, node(r)+" "+verdict.Health.String()+" "+strings.Join(ratios(verdict), ", "))
	}
	for k, verdict := range v.Edges() {
		lines = append(lines, node(k.SourceRef())+" > "+node(k.DestinationRef())+" "+verdict.Health.String()+" "+strings.Join(ratios(verdict), ", "))
	}
	for _, fault := range v.Faults().All() {
		line := "fault of " + node(fault.Ref)
		if fault.Origin {
			line += ", origin"
		}
		var others []string
		for _, r := range slices.Concat(fault.Because, fault.Origins) {
			others = append(others, node(r))
		}
		slices.Sort(others)
		lines = append(lines, line+": "+strings.Join(others, ", "))
	}
	slices.Sort(lines)
	return lines
}

// Who suffers from others suffers from an origin, and who is one fails its
// callers.
func TestFaultsBeginSomewhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := judge(inventories().Draw(t, "objects"), meshes().Draw(t, "flows")...)
		faults := v.Faults()
		for _, fault := range faults.All() {
			if !fault.Origin && len(fault.Because) > 0 {
				require.NotEmpty(t, fault.Origins, "%s is affected by nobody:\n%s", text(fault.Ref), dumpFaults(faults))
			}
			for _, origin := range fault.Origins {
				require.True(t, faults.Of(origin).Origin)
				require.NotEqual(t, fault.Ref, origin)
			}
			for _, by := range fault.Because {
				require.NotNil(t, faults.Of(by), "%s has a fault", text(by))
			}
		}
		for r, verdict := range v.All() {
			if r.Kind == topology.KindWorkload && verdict.Health == failure && faults.Dependents(r).Direct > 0 {
				require.NotNil(t, faults.Of(r), "%s fails", text(r))
			}
		}
	})
}

// A whole is as unwell as the worst of its parts, and asking for more requests
// makes nothing worse.
func TestVerdictsHangTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		flows, known := meshes().Draw(t, "flows"), inventories().Draw(t, "objects")
		strict := health.Rules{MinRequests: 0}.Judge(window(), flows, known)
		mild := health.Rules{MinRequests: float64(rapid.IntRange(1, 100).Draw(t, "min requests"))}.Judge(window(), flows, known)
		worst := map[string]topology.Health{}
		for r, verdict := range strict.All() {
			require.LessOrEqual(t, mild.Of(r).Health, verdict.Health, text(r))
			if r.Namespace != "" {
				worst[r.Namespace] = max(worst[r.Namespace], verdict.Health)
			}
		}
		for namespace, h := range worst {
			whole := strict.Of(ref("namespace " + namespace))
			require.Equal(t, h, whole.Health)
			require.Equal(t, h > healthy, whole.By != topology.Ref{})
			if h > healthy {
				require.Equal(t, h, strict.Of(whole.By).Health)
			}
		}
		for k, verdict := range strict.Edges() {
			require.LessOrEqual(t, mild.OfEdge(k).Health, verdict.Health)
		}
	})
}
