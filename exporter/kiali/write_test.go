package kiali_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/kiali"
	"github.com/meshscope/meshscope/exporter/topology"
)

// chain is a graph of n edges in a row: more than one piece of a list.
func chain(n int) *topology.Graph {
	named := func(i int) topology.Peer {
		return topology.Peer{Cluster: "east", Namespace: "a", Workload: fmt.Sprintf("w%05d", i)}
	}
	flows := make([]topology.Flow, n)
	for i := range flows {
		t := new(topology.Traffic)
		t.AddRequests(topology.Response{Code: "200"}, float64(60*(i+1)))
		flows[i] = topology.Flow{Key: topology.EdgeKey{Source: named(i), Destination: named(i + 1)}, Protocol: topology.HTTP, Traffic: t}
	}
	return topology.Build(topology.Interval{End: now, Length: time.Minute}, flows, topology.BuildOptions{})
}

// Pieces are rendered side by side, and written in their order.
func TestLongLists(t *testing.T) {
	view := kiali.View{Question: kiali.Default()}
	for _, n := range []int{0, 1, 127, 128, 129, 1000} {
		var body bytes.Buffer
		require.NoError(t, kiali.Write(&body, chain(n), view))
		var g graph
		require.NoError(t, json.Unmarshal(body.Bytes(), &g))
		require.Len(t, g.Elements.Edges, n)
		for i, e := range g.Elements.Edges {
			require.Equal(t, fmt.Sprintf("%d.00", i+1), e.Data.Traffic.Rates["http"])
		}
		if n > 0 {
			require.Len(t, g.Elements.Nodes, n+1)
			require.Equal(t, fmt.Sprintf("w%05d", n), g.Elements.Nodes[n].Data.Workload)
		}
	}
}

// full takes so many bytes, and no more.
type full struct{ room int }

var errFull = errors.New("full")

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// A failure of the writer ends the writing, wherever it is.
func TestWriterThatFails(t *testing.T) {
	var body bytes.Buffer
	g, view := chain(300), kiali.View{Question: kiali.Default()}
	require.NoError(t, kiali.Write(&body, g, view))
	for room := 0; room < body.Len(); room += 1 + body.Len()/50 {
		require.ErrorIs(t, kiali.Write(&full{room}, g, view), errFull, "%d of %d", room, body.Len())
	}
	require.ErrorIs(t, kiali.Write(&full{body.Len() - 1}, g, view), errFull)
	require.NoError(t, kiali.Write(&full{body.Len()}, g, view))
}
