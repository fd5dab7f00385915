package topology_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
)

func refs() *rapid.Generator[topology.Ref] {
	// Names that are near to each other, and to the escapes.
	part := rapid.OneOf(
		rapid.SampledFrom([]string{"", "~", "~~", "/", "a", "a/b", "a~2Fb", "~2F", "unknown", "a b", "ü", "\x00"}),
		rapid.StringOf(rapid.RuneFrom([]rune("ab/~2F-._ "))),
		rapid.String(),
	)
	kinds := []topology.Kind{
		topology.KindWorkload, topology.KindApp, topology.KindService,
		topology.KindNamespace, topology.KindCluster, topology.KindUnknown,
	}
	return rapid.Custom(func(t *rapid.T) topology.Ref {
		return topology.Ref{
			Kind:      rapid.SampledFrom(kinds).Draw(t, "kind"),
			Cluster:   part.Draw(t, "cluster"),
			Namespace: part.Draw(t, "namespace"),
			Name:      part.Draw(t, "name"),
			Version:   part.Draw(t, "version"),
		}
	})
}

func TestIDIsCollisionFreeAndSafe(t *testing.T) {
	safe := regexp.MustCompile(`^[A-Za-z0-9._~/-]+$`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := refs().Draw(t, "a"), refs().Draw(t, "b")
		require.Regexp(t, safe, a.ID())
		require.Equal(t, a == b, a.ID() == b.ID(), "%q and %q", a.ID(), b.ID())
	})
}

func TestIDIsReadable(t *testing.T) {
	for want, ref := range map[string]topology.Ref{
		"workload/Kubernetes/bookinfo/reviews-v2":  pageToReviews.DestinationRef(),
		"app/Kubernetes/bookinfo/reviews/v~201":    {Kind: topology.KindApp, Cluster: home, Namespace: "bookinfo", Name: "reviews", Version: "v 1"},
		"service/Kubernetes/~/api.example.com~3A8": {Kind: topology.KindService, Cluster: home, Name: "api.example.com:8"},
		"unknown/Kubernetes/~/~":                   strangerToPage.SourceRef(),
		"cluster/~/~/east":                         {Kind: topology.KindCluster, Name: "east"},
	} {
		require.Equal(t, want, ref.ID())
	}
}

func TestCompareIsAnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := refs().Draw(t, "a"), refs().Draw(t, "b"), refs().Draw(t, "c")
		require.Equal(t, -a.Compare(b), b.Compare(a))
		require.Equal(t, a == b, a.Compare(b) == 0)
		if a.Compare(b) <= 0 && b.Compare(c) <= 0 {
			require.LessOrEqual(t, a.Compare(c), 0)
		}
		k, l := edgeKeys(home, "").Draw(t, "k"), edgeKeys(home, "").Draw(t, "l")
		require.Equal(t, -k.Compare(l), l.Compare(k))
		require.Equal(t, k == l, k.Compare(l) == 0)
	})
}

func TestEndsOfAnEdge(t *testing.T) {
	external := topology.Service{Host: "api.example.com"}
	for _, tc := range []struct {
		name         string
		key          topology.EdgeKey
		source, dest topology.Ref
	}{
		{
			"workloads", pageToReviews,
			topology.Ref{Kind: topology.KindWorkload, Cluster: home, Namespace: "bookinfo", Name: "productpage-v1"},
			topology.Ref{Kind: topology.KindWorkload, Cluster: home, Namespace: "bookinfo", Name: "reviews-v2"},
		},
		{
			"the service where the workload is unknown",
			topology.EdgeKey{Destination: topology.Peer{Cluster: home}, Service: service("reviews")},
			topology.Ref{Kind: topology.KindUnknown},
			topology.Ref{Kind: topology.KindService, Cluster: home, Namespace: "bookinfo", Name: "reviews"},
		},
		{
			"a host without a service's name",
			topology.EdgeKey{Source: topology.Peer{Cluster: home, Namespace: "shop", CanonicalService: "cart"}, Service: external},
			topology.Ref{Kind: topology.KindApp, Cluster: home, Namespace: "shop", Name: "cart"},
			topology.Ref{Kind: topology.KindService, Name: "api.example.com"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.source, tc.key.SourceRef())
			require.Equal(t, tc.dest, tc.key.DestinationRef())
		})
	}
}

func TestReporterNames(t *testing.T) {
	for _, r := range reporters {
		got, known := topology.ParseReporter(r.String())
		require.True(t, known)
		require.Equal(t, r, got)
	}
	_, known := topology.ParseReporter("ztunnel")
	require.False(t, known)
	require.Equal(t, topology.Unknown, topology.Reporter(9).String())
}
