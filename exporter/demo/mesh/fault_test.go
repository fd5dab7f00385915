package mesh

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseFault(t *testing.T) {
	for _, tc := range []struct {
		text string
		want Fault
	}{
		{"errors:bookinfo/reviews-v2->bookinfo/ratings-v1=0.5", Fault{Errors, "bookinfo", "reviews-v2", "bookinfo", "ratings-v1", 0.5}},
		{" errors: a/b = 1 ", Fault{Errors, "", "", "a", "b", 1}},
		{"errors:a/b->api.stripe.com=0.1", Fault{Errors, "a", "b", "", "api.stripe.com", 0.1}},
		{"latency:a/b=250", Fault{Latency, "", "", "a", "b", 250}},
		{"latency:a/b=1.5s", Fault{Latency, "", "", "a", "b", 1500}},
		{"no-endpoints:a/b", Fault{NoEndpoints, "", "", "a", "b", 1}},
		{"plaintext:a/b=0.2", Fault{Plaintext, "", "", "a", "b", 0.2}},
		{"new-dependency:a/b->c/d", Fault{NewDependency, "a", "b", "c", "d", 1}},
		{"restart:a/b", Fault{Restart, "", "", "a", "b", 0}},
		{"reset:a/b", Fault{Reset, "", "", "a", "b", 0}},
		{"scale:a/b=0", Fault{Scale, "", "", "a", "b", 0}},
	} {
		t.Run(tc.text, func(t *testing.T) {
			got, err := ParseFault(tc.text)
			require.NoError(t, err)
			require.Equal(t, tc.want, got)

			again, err := ParseFault(got.String())
			require.NoError(t, err)
			require.Equal(t, got, again)
		})
	}
}

func TestParseFaultErrors(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"", `fault "": not of the form kind:[source->]destination[=value], ends as namespace/workload, or a host outside the mesh`},
		{"chaos:a/b", `fault "chaos:a/b": unknown kind "chaos": use one of errors, latency, no-endpoints, plaintext, new-dependency, restart, reset, scale`},
		{"errors:a/b", `fault "errors:a/b": errors needs a value: =…`},
		{"errors:a/b=2", `fault "errors:a/b=2": value 2: must be a share above 0 and up to 1`},
		{"errors:a/b=NaN", `fault "errors:a/b=NaN": value NaN: must be a share above 0 and up to 1`},
		{"errors:a/b=50%", `fault "errors:a/b=50%": value "50%" is not a number`},
		{"errors:=1", `fault "errors:=1": destination: "" is not namespace/workload, nor a host`},
		{"errors:a/b/c=1", `fault "errors:a/b/c=1": destination: "a/b/c" is not namespace/workload, nor a host`},
		{"errors:->a/b=1", `fault "errors:->a/b=1": source: "" is not namespace/workload, nor a host`},
		{"latency:a/b=-3", `fault "latency:a/b=-3": value -3: must be milliseconds above 0 and up to an hour`},
		{"restart:a/b=1", `fault "restart:a/b=1": restart takes no value`},
		{"restart:a/b->c/d", `fault "restart:a/b->c/d": restart is about one workload, not about calls`},
		{"scale:a/b=1.5", `fault "scale:a/b=1.5": value 1.5: must be a whole number of pods from 0 to 100`},
		{"new-dependency:a/b", `fault "new-dependency:a/b": new-dependency needs a source: source->destination`},
	} {
		t.Run(tc.text, func(t *testing.T) {
			_, err := ParseFault(tc.text)
			require.EqualError(t, err, tc.want)
		})
	}
}

// TestParseFaultNeverPanics, and what it accepts it writes back.
func TestParseFaultNeverPanics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]string{"errors", "latency", "scale", "restart", "x", ""}).Draw(t, "kind")
		rest := rapid.StringMatching(`[a-b/=>.0-9\-]{0,12}`).Draw(t, "rest")
		f, err := ParseFault(kind + ":" + rest)
		if err != nil {
			return
		}
		again, err := ParseFault(f.String())
		require.NoError(t, err)
		require.Equal(t, f, again)
	})
}

func TestSetErrors(t *testing.T) {
	m := newMesh(t, 0, Config{Seed: 1})
	for _, tc := range []struct{ text, want string }{
		{"errors:nowhere/b=1", "unknown workload nowhere/b: the mesh has no namespace nowhere"},
		{"errors:example.com=1", "unknown host example.com: there are PassthroughCluster, api.stripe.com; workloads are written namespace/workload"},
		{"errors:bookinfo/details-v1->bookinfo/ratings-v1=1", "bookinfo/details-v1 does not call bookinfo/ratings-v1"},
		{"errors:istio-system/istio-ingressgateway=1", "nothing calls istio-system/istio-ingressgateway"},
		{"latency:sock-shop/carts-db=100", "only connections go to sock-shop/carts-db, and they have no latency"},
		{"new-dependency:bookinfo/productpage-v1->bookinfo/details-v1", "bookinfo/productpage-v1 calls bookinfo/details-v1 already"},
		{"new-dependency:bookinfo/details-v1->bookinfo/details-v1", "bookinfo/details-v1 would call itself"},
		{"new-dependency:api.stripe.com->bookinfo/details-v1", "api.stripe.com is outside the mesh: nothing is known of its calls"},
		{"new-dependency:bookinfo/details-v1->sock-shop/waypoint", "proxies between workloads make no calls of their own"},
		{"scale:api.stripe.com=3", "api.stripe.com is outside the mesh and has no pods"},
		{"scale:istio-system/ztunnel=3", "istio-system/ztunnel runs on each node and does not scale"},
		{"reset:sock-shop/carts", "sock-shop/carts has no proxy of its own: reset istio-system/ztunnel"},
		{"reset:online-boutique/loadgenerator", "online-boutique/loadgenerator has no proxy"},
	} {
		t.Run(tc.text, func(t *testing.T) {
			f, err := ParseFault(tc.text)
			require.NoError(t, err)
			require.ErrorContains(t, m.Set(f), tc.want)
		})
	}
	require.Empty(t, m.Faults())
}

func TestSetAndClear(t *testing.T) {
	m := newMesh(t, 0, Config{Seed: 1})
	set(t, m, "errors:bookinfo/ratings-v1=0.5")
	set(t, m, "scale:bookinfo/ratings-v1=5")
	set(t, m, "restart:bookinfo/details-v1") // happens, and is over
	set(t, m, "errors:bookinfo/ratings-v1=0.1")
	require.Equal(t, []string{"scale:bookinfo/ratings-v1=5", "errors:bookinfo/ratings-v1=0.1"}, written(m))

	require.ErrorContains(t, m.Clear(Fault{Kind: Errors, DestinationNamespace: "bookinfo", DestinationWorkload: "details-v1"}),
		`fault "errors:bookinfo/details-v1" is not in force`)
	require.NoError(t, m.Clear(Fault{Kind: Errors, DestinationNamespace: "bookinfo", DestinationWorkload: "ratings-v1"}))
	require.Equal(t, []string{"scale:bookinfo/ratings-v1=5"}, written(m))
	require.Equal(t, 5, pods(m, "ratings"))

	require.NoError(t, m.Clear())
	require.Empty(t, m.Faults())
	require.Equal(t, 2, pods(m, "ratings"), "as many as before")
}

func written(m *Mesh) []string {
	var texts []string
	for _, f := range m.Faults() {
		texts = append(texts, f.String())
	}
	return texts
}

func pods(m *Mesh, app string) int {
	n := 0
	for _, target := range m.Targets() {
		if target.App == app {
			n++
		}
	}
	return n
}
