package frames_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// bigMesh has so many workloads, 25 in each namespace; each calls three others,
// and one in a hundred fails.
func bigMesh(workloads int) (flows []topology.Flow) {
	of := func(i int) topology.Peer {
		i %= workloads
		return peer(fmt.Sprintf("team-%03d", i/25), fmt.Sprintf("service-%05d", i))
	}
	for i := range workloads {
		for _, step := range []int{1, 7, 31} {
			to := of(i + step)
			response := "200"
			if (i+step)%100 == 0 {
				response = "503"
			}
			flows = append(flows, flow(of(i), to, service(to.Namespace, to.Workload), topology.HTTP, code(response, 60)))
		}
	}
	return flows
}

// TestBigMeshes: of a mesh that no picture holds there is a first view that can
// be read, and a way from it to every workload by links alone.
func TestBigMeshes(t *testing.T) {
	for _, workloads := range []int{1_000, 10_000} {
		t.Run(fmt.Sprint(workloads), func(t *testing.T) {
			flows := bigMesh(workloads)
			links := frames.Links{Self: "mesh"}

			all := drawLinked(t, flows, ask(t, `{}`), links)
			require.Len(t, framestest.IDs(t, all[0]), query.TypeGraph.DefaultLimit())
			require.Len(t, all[0].Meta.Notices, 1)
			assert.Contains(t, all[0].Meta.Notices[0].Text, fmt.Sprintf("150 of %d nodes", workloads))
			assert.Contains(t, all[0].Meta.Notices[0].Text, "Begin with the namespaces (level: namespace)")
			for i := 0; i < workloads && i < 7_000; i += 100 {
				assert.Contains(t, framestest.IDs(t, all[0]), fmt.Sprintf("workload/east/team-%03d/service-%05d", i/25, i), "it fails")
			}

			spaces := drawLinked(t, flows, ask(t, `{"level": "namespace"}`), links)
			ids := framestest.IDs(t, spaces[0])
			assert.Len(t, ids, min(workloads/25, query.TypeGraph.DefaultLimit()))
			if workloads/25 > query.TypeGraph.DefaultLimit() {
				require.Len(t, spaces[0].Meta.Notices, 1)
				assert.Contains(t, spaces[0].Meta.Notices[0].Text, "(filter: node.health >= 2)")
			} else {
				assert.Empty(t, spaces[0].Meta.Notices)
			}

			down := ask(t, followed(t, spaces[0], ids[0])["Show/Its workloads"])
			workloadsOf := drawLinked(t, flows, down, links)
			assert.Empty(t, workloadsOf[0].Meta.Notices, "25 workloads, and whom they call and are called by")
			leaf := followed(t, workloadsOf[0], "workload/east/team-000/service-00007")
			one := drawLinked(t, flows, ask(t, leaf["Show/Focus here"]), links)
			assert.Len(t, framestest.IDs(t, one[0]), 7, "itself, three callers, and three that it calls")
		})
	}
}
