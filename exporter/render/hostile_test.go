package render_test

import (
	"strings"

	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
)

// hostileNames are names that mean something to one of the forms, or to what
// they are shown in.
var hostileNames = []string{
	`"`, `\`, `\"`, `a\`, `\N\G\L`, "a\nb", "\r\n\t", "a\x00b", "\x1b[31mred",
	`<b>bold</b>`, `&lt;&amp;`, `</script>`, `<br/>`, `#quot;`, `#35;`, `&#34;`,
	`]`, `"]`, `])`, `}}`, `|`, `-->`, `n0 --> n1`, `%% comment`, `%%{init: {"theme":"dark"}}%%`,
	"`markdown`", `style:#quot;x;`, `classDef x:#1;`, `end`, `subgraph`, `click n0 href "x"`, `;`, `$$x^2$$`, `:::x`,
	`digraph`, `{`, `}`, `a->b`, `//`, `/*`, `cluster_0`,
	"🙈", "👩‍👩‍👧‍👦", "日本語の名前", "ñandú", "e\u0301", "\u202eabc", "\u200b", "ﬂ°¶ß", "\xff\xfe", "\ufeff", "\u2028",
	strings.Repeat("x", 4096), strings.Repeat(`"\`+"\n", 1365), strings.Repeat("名", 1365), strings.Repeat("\u0301", 2048), strings.Repeat("&", 4096),
}

func hostile() *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom(hostileNames), rapid.String(), rapid.Just(""))
}

// hostileGraphs are graphs of any level whose names may be anything.
func hostileGraphs() *rapid.Generator[*topology.Graph] {
	return rapid.Custom(func(t *rapid.T) *topology.Graph {
		peer := func(end string) topology.Peer {
			return topology.Peer{
				Cluster:           rapid.SampledFrom([]string{home, home, "east", "", `"`}).Draw(t, end+" cluster"),
				Namespace:         hostile().Draw(t, end+" namespace"),
				Workload:          hostile().Draw(t, end+" workload"),
				CanonicalService:  hostile().Draw(t, end+" app"),
				CanonicalRevision: hostile().Draw(t, end+" version"),
			}
		}
		flows := make([]topology.Flow, rapid.IntRange(0, 5).Draw(t, "flows"))
		for i := range flows {
			tr := new(topology.Traffic)
			protocol := rapid.SampledFrom([]topology.Protocol{topology.HTTP, topology.GRPC, topology.TCP, "#\"\n"}).Draw(t, "protocol")
			if protocol == topology.TCP {
				tr.Opened = float64(rapid.IntRange(0, 5).Draw(t, "opened"))
				tr.AddTCPRequestBytes(hostile().Draw(t, "flags"), rapid.Float64Range(0, 1e9).Draw(t, "bytes"))
			} else {
				tr.AddRequests(topology.Response{
					Code:       rapid.OneOf(rapid.Just("200"), rapid.Just("503"), hostile()).Draw(t, "code"),
					GRPCStatus: hostile().Draw(t, "status"),
					Flags:      hostile().Draw(t, "flags"),
				}, rapid.OneOf(rapid.Float64Range(0, 1e-6), rapid.Float64Range(0, 1e6)).Draw(t, "requests"))
				tr.Latency = &topology.Histogram{Sum: 1, Bounds: []float64{1}, Cumulative: []float64{float64(rapid.IntRange(0, 2).Draw(t, "slow"))}}
			}
			tr.AddSecured(rapid.SampledFrom([]topology.Policy{topology.MutualTLS, topology.Plaintext, topology.UnknownPolicy}).Draw(t, "policy"), 1)
			tr.AddPrincipals(hostile().Draw(t, "principal"), hostile().Draw(t, "principal"), 1)
			flows[i] = topology.Flow{
				Key: topology.EdgeKey{Source: peer("source"), Destination: peer("destination"), Service: topology.Service{
					Host: hostile().Draw(t, "host"), Name: hostile().Draw(t, "service"), Namespace: hostile().Draw(t, "service namespace"),
				}},
				Protocol: protocol,
				Reporter: rapid.SampledFrom([]topology.Reporter{topology.BySource, topology.ByWaypoint, topology.ByDestination}).Draw(t, "reporter"),
				Traffic:  tr,
			}
		}
		iv := fiveMinutes
		if rapid.IntRange(0, 9).Draw(t, "length") == 0 {
			iv.Length = 0
		}
		return topology.Build(iv, flows, topology.BuildOptions{Level: rapid.SampledFrom(topology.Levels).Draw(t, "level"), Idle: true})
	})
}

// hostileMesh is one graph that has every hostile name.
func hostileMesh() *topology.Graph {
	flows := make([]topology.Flow, len(hostileNames))
	for i, name := range hostileNames {
		tr := new(topology.Traffic)
		tr.AddRequests(topology.Response{Code: "200"}, 1)
		flows[i] = topology.Flow{
			Key: topology.EdgeKey{
				Source:      topology.Peer{Cluster: home, Namespace: name, Workload: name, CanonicalService: name},
				Destination: topology.Peer{Cluster: home, Namespace: "bookinfo", Workload: hostileNames[(i+1)%len(hostileNames)]},
				Service:     topology.Service{Host: name, Name: name, Namespace: name},
			},
			Protocol: topology.HTTP,
			Traffic:  tr,
		}
	}
	return topology.Build(fiveMinutes, flows, topology.BuildOptions{})
}
