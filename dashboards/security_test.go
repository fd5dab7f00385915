package dashboards_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/series"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
)

const securityFile = "security.json"

// policies are what controllers say of the mesh's policies, and of an object that is none.
func policies() []series.ObjectStatus {
	return []series.ObjectStatus{
		{Cluster: west, Kind: "AuthorizationPolicy", Namespace: "shop", Name: "cart", Condition: "WaypointAccepted", Holds: true},
		{Cluster: west, Kind: "AuthorizationPolicy", Namespace: "shop", Name: "stock", Condition: "ZtunnelAccepted", Holds: false},
		{Cluster: west, Kind: "PeerAuthentication", Namespace: "shop", Name: "default", Condition: "IST0128", Holds: true},
		{Cluster: west, Kind: "RequestAuthentication", Namespace: "shop", Name: "default", Condition: "PartiallyInvalid", Holds: true},
		{Cluster: west, Kind: "Gateway", Namespace: "shop", Name: "waypoint", Condition: "Programmed", Holds: false},
	}
}

func plaintext(f topology.Flow) float64 { return f.Traffic.Secured[topology.Plaintext] }

func notKnown(f topology.Flow) float64 { return f.Traffic.Secured[topology.UnknownPolicy] }

func reported(f topology.Flow) float64 { return known(f) + notKnown(f) }

func (s selection) touchesWorkload(f topology.Flow) bool {
	return s.toWorkload(f) || s.has(f.Key.Source.Cluster, f.Key.Source.Namespace)
}

// What is plain text, and what is not known, is told of the calls and
// connections to what is selected.
func TestSecurityCountsHowCallsCame(t *testing.T) {
	b, panels := newBench(t, mesh()), byTitle(named(t, securityFile))
	every := derivedtest.Every.Seconds()
	for _, c := range choices {
		t.Run(c.name, func(t *testing.T) {
			s := selected(t, c)
			assert.InDelta(t, counted(secured, s.toWorkload)/counted(known, s.toWorkload), b.number(t, panels["Mutual TLS"], c), 1e-6)
			assert.InDelta(t, counted(plaintext, s.toWorkload)/every, b.number(t, panels["Plain text"], c), 1e-6)
			assert.InDelta(t, counted(notKnown, s.toWorkload)/counted(reported, s.toWorkload), b.number(t, panels["Unknown"], c), 1e-6)

			edges := counted(func(f topology.Flow) float64 { return min(plaintext(f), 1) }, s.touchesWorkload)
			assert.InDelta(t, edges, b.number(t, panels["On edges"], c), 0)

			for i, count := range []func(topology.Flow) float64{secured, plaintext, notKnown} {
				rows := b.run(t, panels["How it came"].Targets[i], c)
				require.Len(t, rows, 1)
				assert.InDelta(t, counted(count, s.toWorkload)/every, rows[0].value, 1e-6)

				var byNamespace float64
				for _, row := range b.run(t, panels["Namespaces now"].Targets[i+1], c) {
					byNamespace += row.value
				}
				assert.InDelta(t, counted(count, s.toWorkload)/every, byNamespace, 1e-6)
			}
		})
	}
}

// Each edge with any plain text is listed, with the time at which it was seen first.
func TestSecurityListsPlaintextEdges(t *testing.T) {
	b, table := newBench(t, mesh()), byTitle(named(t, securityFile))["Plain text by edge"]
	first := float64(derivedtest.Start.UnixMilli())
	for _, c := range choices {
		t.Run(c.name, func(t *testing.T) {
			s := selected(t, c)
			want := map[string]map[string]float64{}
			for _, f := range mesh() {
				if plaintext(f) == 0 || !s.touchesWorkload(f) {
					continue
				}
				from, to := f.Key.Source, f.Key.Destination
				want[strings.Join([]string{
					orUnknown(from.Cluster), orUnknown(from.Namespace), orUnknown(from.Workload),
					orUnknown(to.Cluster), orUnknown(to.Namespace), orUnknown(f.Key.Service.Name), orUnknown(to.Workload), string(f.Protocol),
				}, " ")] = map[string]float64{
					"Plain text": plaintext(f) / derivedtest.Every.Seconds(), "Share": plaintext(f) / known(f),
				}
			}
			got := tableRows(t, b, table, c)
			for _, row := range got {
				assert.InDelta(t, first, row["First seen"], float64(derivedtest.Every.Milliseconds()))
				delete(row, "First seen")
			}
			require.Len(t, got, len(want))
			for key := range want {
				assert.InDeltaMapValues(t, want[key], got[key], 1e-6, key)
			}
		})
	}
}

// Who calls as whom is told by the principals of each edge, and so is who shows none.
func TestSecurityTellsPrincipals(t *testing.T) {
	flows := mesh()
	const domain = "spiffe://cluster.local/ns/"
	want := map[string]map[string]float64{}
	anonymous, all := 0.0, 0.0
	for _, f := range flows {
		from, to := f.Key.Source, f.Key.Destination
		principal := topology.Unknown
		if secured(f) > 0 {
			principal = from.Namespace + "/sa/" + from.Workload
			f.Traffic.AddPrincipals(domain+principal, domain+to.Namespace+"/sa/"+to.Workload, reported(f))
			principal = "cluster.local/ns/" + principal
		}
		key := strings.Join([]string{principal, orUnknown(from.Namespace), orUnknown(from.Workload), orUnknown(to.Namespace), orUnknown(to.Workload)}, " ")
		if want[key] == nil {
			want[key] = map[string]float64{"calls": 0, "secured": 0, "known": 0}
		}
		want[key]["calls"] += reported(f)
		want[key]["secured"] += secured(f)
		want[key]["known"] += known(f)
		if principal == topology.Unknown {
			anonymous += reported(f)
		}
		all += reported(f)
	}
	require.Positive(t, anonymous)
	b, panels := newBench(t, flows), byTitle(named(t, securityFile))
	assert.InDelta(t, anonymous/all, b.number(t, panels["Anonymous"], choices[0]), 1e-6)

	got := tableRows(t, b, panels["Principals"], choices[0])
	require.Len(t, got, len(want))
	for key, row := range want {
		shown := map[string]float64{"Rate": row["calls"] / derivedtest.Every.Seconds()}
		if row["known"] > 0 {
			shown["Mutual TLS"] = row["secured"] / row["known"]
		}
		assert.InDeltaMapValues(t, shown, got[key], 1e-6, key)
	}
}

// Of policies is told what controllers say, and whether that is as it should be.
func TestSecurityTellsOfPolicies(t *testing.T) {
	b, table := newBench(t, mesh()), byTitle(named(t, securityFile))["Policies"]
	assert.Equal(t, map[string]map[string]float64{
		west + " shop AuthorizationPolicy cart WaypointAccepted":      {"Is": 0},
		west + " shop AuthorizationPolicy stock ZtunnelAccepted":      {"Is": 1},
		west + " shop PeerAuthentication default IST0128":             {"Is": 2},
		west + " shop RequestAuthentication default PartiallyInvalid": {"Is": 1},
	}, tableRows(t, b, table, choices[0]))
}

// Workloads that no proxy speaks for are counted where it is known of all.
func TestSecurityCountsWorkloadsOutside(t *testing.T) {
	flows := mesh()
	all := deployments(flows)
	for ref, o := range all {
		o.Dataplane = topology.Sidecar
		if ref.Name == stock.Workload || ref.Name == vault.Workload {
			o.Dataplane = topology.NoDataplane
		}
	}
	store := derivedtest.Open(t)
	judged := derivedtest.Judged(flows)
	judged.Objects = all
	store.Assess(judged)
	store.Settle(flows)
	b := benchOf(t, store)
	outside := byTitle(named(t, securityFile))["Outside"]
	assert.InDelta(t, 2, b.number(t, outside, choices[0]), 0)
	assert.InDelta(t, 1, b.number(t, outside, choices[1]), 0, "of shop")
}
