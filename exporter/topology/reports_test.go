package topology_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

func TestReportsMerge(t *testing.T) {
	a := reports(
		said{by: topology.BySource, key: pageToReviews, assumed: true, traffic: requests(1, ok), samples: 1},
		said{by: topology.BySource, key: reviewsToRatings, assumed: true, traffic: requests(2, ok), samples: 1},
	)
	b := reports(
		said{by: topology.BySource, key: pageToReviews, traffic: requests(4, ok), samples: 2},
		said{by: topology.BySource, key: reviewsToRatings, assumed: true, traffic: requests(8, failed), samples: 2},
		said{by: topology.ByDestination, key: pageToReviews, traffic: requests(16, ok), samples: 2},
	)
	a.Merge(b)

	all := slices.Collect(a.All())
	require.Len(t, all, 3)
	require.Equal(t, 3, a.Len())
	require.Equal(t, 5.0, all[0].Traffic.Total())
	require.Equal(t, 3, all[0].Samples)
	require.False(t, all[0].AssumedCluster, "one of its samples knew the cluster")
	require.Equal(t, map[topology.Response]float64{ok: 2, failed: 8}, all[1].Traffic.Requests)
	require.True(t, all[1].AssumedCluster)
	require.Equal(t, topology.ByDestination, all[2].Reporter)

	all[0].Traffic.AddRequests(ok, 100)
	require.Equal(t, 4.0, slices.Collect(b.All())[0].Traffic.Total(), "what was merged is not shared")
}

func TestEdgeLabelsAreTheKeysFields(t *testing.T) {
	key := pageToReviews
	labels := map[string]string{}
	for i, field := range key.Fields() {
		labels[topology.EdgeLabels[i]] = *field
	}
	require.Equal(t, map[string]string{
		"source_cluster":                 home,
		"source_workload_namespace":      "bookinfo",
		"source_workload":                "productpage-v1",
		"source_canonical_service":       "productpage",
		"source_canonical_revision":      "v1",
		"destination_cluster":            home,
		"destination_workload_namespace": "bookinfo",
		"destination_workload":           "reviews-v2",
		"destination_canonical_service":  "reviews",
		"destination_canonical_revision": "v2",
		"destination_service":            "reviews.bookinfo.svc.cluster.local",
		"destination_service_name":       "reviews",
		"destination_service_namespace":  "bookinfo",
	}, labels)

	var copied topology.EdgeKey
	for i, field := range copied.Fields() {
		*field = labels[topology.EdgeLabels[i]]
	}
	require.Equal(t, pageToReviews, copied)
}

func TestPeerIsZero(t *testing.T) {
	require.True(t, strangerToPage.Source.IsZero(), "its cluster alone is known")
	for _, p := range []topology.Peer{{Namespace: "n"}, {Workload: "w"}, {CanonicalService: "a"}, {CanonicalRevision: "v"}} {
		require.False(t, p.IsZero())
	}
}

// What is absorbed is what is merged, whichever of the two comes first.
func TestReportsAbsorb(t *testing.T) {
	http := func() *topology.Reports {
		return reports(
			said{by: topology.BySource, key: pageToReviews, assumed: true, traffic: requests(1, ok), samples: 1},
			said{by: topology.BySource, key: reviewsToRatings, traffic: requests(2, ok), samples: 1},
		)
	}
	more := func() *topology.Reports {
		return reports(
			said{by: topology.BySource, key: reviewsToRatings, protocol: topology.TCP, traffic: topology.Traffic{Opened: 3}, samples: 1},
			said{by: topology.BySource, key: pageToReviews, traffic: requests(4, ok), samples: 2},
			said{by: topology.ByDestination, key: pageToReviews, traffic: requests(16, ok), samples: 2},
		)
	}
	for name, all := range map[string][2]*topology.Reports{"one way": {http(), more()}, "the other": {more(), http()}, "by parts": {topology.NewReports(0), http()}} {
		t.Run(name, func(t *testing.T) {
			all[0].Absorb(all[1])
			if name == "by parts" {
				all[0].Absorb(more())
			}
			require.Equal(t, 4, all[0].Len())
			for r := range all[0].All() {
				switch {
				case r.Protocol == topology.TCP:
					require.Equal(t, 3.0, r.Traffic.Opened)
				case r.Reporter == topology.ByDestination:
					require.Equal(t, 16.0, r.Traffic.Total())
				case r.Key == pageToReviews:
					require.Equal(t, 5.0, r.Traffic.Total())
					require.Equal(t, 3, r.Samples)
					require.False(t, r.AssumedCluster, "one of its samples knew the cluster")
				default:
					require.Equal(t, 2.0, r.Traffic.Total())
				}
			}
			same := all[0].Report(pageToReviews, topology.HTTP, topology.BySource)
			require.Equal(t, 5.0, same.Traffic.Total(), "it is found again")
			require.Equal(t, 4, all[0].Len())
		})
	}
}
