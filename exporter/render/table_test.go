package render_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode"

	"github.com/mattn/go-runewidth"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/render"
	"github.com/meshscope/meshscope/exporter/topology"
)

func tableOf(t require.TestingT, g *topology.Graph, width int) []string {
	var b bytes.Buffer
	require.NoError(t, render.Table(&b, g, width))
	text := b.String()
	require.True(t, strings.HasSuffix(text, "\n"))
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

var terminal = &runewidth.Condition{StrictEmojiNeutral: true}

// A table has a line for each edge, of characters that show, and fits.
func TestTableFits(t *testing.T) {
	check := func(t require.TestingT, g *topology.Graph, width int) {
		lines := tableOf(t, g, width)
		require.Len(t, lines, 1+len(g.Edges))
		for _, line := range lines {
			for _, r := range line {
				require.True(t, unicode.IsPrint(r), "%q", line)
			}
			if width > 0 {
				require.LessOrEqual(t, terminal.StringWidth(line), width, "%q", line)
			}
		}
	}
	for _, width := range []int{0, 55, 60, 80, 120, 200, 100_000} {
		check(t, bookinfo(topology.ByWorkload), width)
		check(t, hostileMesh(), width)
	}
	rapid.Check(t, func(t *rapid.T) {
		g := hostileGraphs().Draw(t, "graph")
		for _, e := range g.Edges {
			if e.Protocol != topology.HTTP && e.Protocol != topology.GRPC && e.Protocol != topology.TCP {
				return // its name alone may be wider than the table
			}
		}
		check(t, g, rapid.OneOf(rapid.Just(0), rapid.IntRange(55, 200)).Draw(t, "width"))
	})
}

// Columns stand below each other, whatever is in them.
func TestTableIsAligned(t *testing.T) {
	for _, width := range []int{0, 60, 120} {
		lines := tableOf(t, hostileMesh(), width)
		at := terminal.StringWidth(lines[0][:strings.Index(lines[0], "PROTOCOL")])
		for _, line := range lines[1:] {
			before, _, found := strings.Cut(line, "  http  ")
			require.True(t, found, "%q", line)
			require.Equal(t, at, terminal.StringWidth(before)+2, "%q", line)
		}
	}
}

func TestTableOfAnEmptyGraphIsItsHeader(t *testing.T) {
	lines := tableOf(t, topology.Build(fiveMinutes, nil, topology.BuildOptions{}), 0)
	require.Equal(t, []string{"SOURCE  DESTINATION  PROTOCOL  RATE  ERR %  P95  BYTES  MTLS %"}, lines)
}

// Of a narrow terminal's columns those go first that tell the least.
func TestTableLeavesOutColumns(t *testing.T) {
	for width, want := range map[int]string{
		200: "SOURCE DESTINATION PROTOCOL RATE ERR % P95 BYTES MTLS %",
		85:  "SOURCE DESTINATION PROTOCOL RATE ERR % P95 MTLS %",
		78:  "SOURCE DESTINATION PROTOCOL RATE ERR % P95",
		70:  "SOURCE DESTINATION PROTOCOL RATE ERR %",
		60:  "SOURCE DESTINATION PROTOCOL RATE",
		1:   "SOURCE DESTINATION PROTOCOL RATE",
	} {
		header := tableOf(t, bookinfo(topology.ByWorkload), width)[0]
		require.Equal(t, want, strings.Join(strings.Fields(header), " "), "width %d", width)
	}
}

func TestNames(t *testing.T) {
	edge := func(source, destination topology.Peer, s topology.Service) topology.Flow {
		tr := new(topology.Traffic)
		tr.AddRequests(topology.Response{Code: "200"}, 1)
		return topology.Flow{Key: topology.EdgeKey{Source: source, Destination: destination, Service: s}, Protocol: topology.HTTP, Traffic: tr}
	}
	a := workload("bookinfo", "a", "v1")
	b := workload("shop", "b", "v2")
	east, lost := b, b
	east.Cluster, lost.Cluster = "east", ""
	for _, tc := range []struct {
		name  string
		level topology.Level
		flows []topology.Flow
		want  []string // of the first edge
	}{
		{"workloads", topology.ByWorkload, []topology.Flow{edge(a, b, service("shop", "b"))}, []string{"bookinfo/a-v1", "shop/b-v2"}},
		{"apps", topology.ByApp, []topology.Flow{edge(a, b, service("shop", "b"))}, []string{"bookinfo/a", "shop/b"}},
		{"versions", topology.ByVersionedApp, []topology.Flow{edge(a, b, service("shop", "b"))}, []string{"bookinfo/a (a-v1)", "shop/b (b-v2)"}},
		{"services", topology.ByService, []topology.Flow{edge(a, b, service("shop", "b"))}, []string{"bookinfo/a-v1", "shop/b"}},
		{"namespaces", topology.ByNamespace, []topology.Flow{edge(a, b, service("shop", "b"))}, []string{"bookinfo", "shop"}},
		{"clusters", topology.ByCluster, []topology.Flow{edge(a, east, service("shop", "b"))}, []string{home, "east"}},
		{"a service beside workloads", topology.ByWorkload, []topology.Flow{edge(a, topology.Peer{Cluster: home}, service("shop", "b"))}, []string{"bookinfo/a-v1", "shop/b (service)"}},
		{"a host outside", topology.ByWorkload, []topology.Flow{edge(a, topology.Peer{}, topology.Service{Host: "api.example.com"})}, []string{"bookinfo/a-v1", "api.example.com (service)"}},
		{"unknown", topology.ByWorkload, []topology.Flow{edge(topology.Peer{}, b, topology.Service{})}, []string{"unknown", "shop/b-v2"}},
		{"several clusters", topology.ByWorkload, []topology.Flow{edge(a, east, service("shop", "b"))}, []string{"Kubernetes/bookinfo/a-v1", "east/shop/b-v2"}},
		{"several clusters' namespaces", topology.ByNamespace, []topology.Flow{edge(a, east, service("shop", "b"))}, []string{"Kubernetes/bookinfo", "east/shop"}},
		{"one unknown cluster", topology.ByWorkload, []topology.Flow{edge(a, lost, service("shop", "b"))}, []string{"bookinfo/a-v1", "shop/b-v2"}},
		{"one unknown cluster, needed to tell apart", topology.ByWorkload, []topology.Flow{
			edge(a, lost, service("shop", "b")), edge(a, b, service("shop", "b")),
		}, []string{"Kubernetes/bookinfo/a-v1", "unknown/shop/b-v2"}},
		{"what does not show", topology.ByWorkload, []topology.Flow{edge(
			topology.Peer{Namespace: "a\nb", Workload: "\x1b[31m\u202e"}, topology.Peer{Namespace: "日本", Workload: `"`}, topology.Service{},
		)}, []string{`a\nb/\x1b[31m\u202e`, `日本/"`}},
		{"marks without end", topology.ByWorkload, []topology.Flow{edge(
			topology.Peer{Namespace: "\u0301a", Workload: "e\u0301"}, topology.Peer{Namespace: "o" + strings.Repeat("\u0301", 6), Workload: "b"}, topology.Service{},
		)}, []string{`\u0301a/e` + "\u0301", "o" + strings.Repeat("\u0301", 4) + `\u0301\u0301/b`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			lines := tableOf(t, topology.Build(fiveMinutes, tc.flows, topology.BuildOptions{Level: tc.level}), 0)
			before, _, _ := strings.Cut(lines[1], "  http")
			var got []string
			for _, name := range strings.Split(before, "  ") {
				if name = strings.TrimSpace(name); name != "" {
					got = append(got, name)
				}
			}
			require.Equal(t, tc.want, got)
		})
	}
}
