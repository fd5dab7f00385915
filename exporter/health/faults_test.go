package health_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/health"
	"github.com/meshscope/meshscope/exporter/topology"
)

// blamed are the faults, as "origin a" and "b by a".
func blamed(f *health.Faults) []string {
	var all []string
	for _, fault := range f.All() {
		name := strings.TrimPrefix(text(fault.Ref), "workload ")
		if fault.Origin {
			all = append(all, "origin "+name)
			continue
		}
		var by []string
		for _, origin := range fault.Origins {
			by = append(by, strings.TrimPrefix(text(origin), "workload "))
		}
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s by %s", name, strings.Join(by, ", "))))
	}
	return all
}

// half fail, by a code.
func half(code string) ends { return ends{"200": 50, code: 50} }

var good = ends{"200": 100}

func TestFaults(t *testing.T) {
	bookinfo := func(ratings, reviews, page ends) []topology.Flow {
		return []topology.Flow{
			http("", "b/page-v1", page),
			http("b/page-v1", "b/reviews-v1", reviews),
			http("b/page-v1", "b/details-v1", good),
			http("b/reviews-v1", "b/ratings-v1", ratings),
		}
	}
	scaledDown := pods(0, 0, 0)
	dead := pods(2, 2, 0)
	for name, tc := range map[string]struct {
		objects objects
		flows   []topology.Flow
		want    []string
	}{
		"all is well": {nil, bookinfo(good, good, good), nil},
		"what begins at the end of a chain": {
			nil, bookinfo(half("503"), half("500"), half("500")),
			[]string{"b/page-v1 by b/ratings-v1", "origin b/ratings-v1", "b/reviews-v1 by b/ratings-v1"},
		},
		"who bears it, and does not pass it on": {
			nil, bookinfo(half("503"), good, good),
			[]string{"origin b/ratings-v1", "b/reviews-v1 by b/ratings-v1"},
		},
		"who passes on a little of it": { // 5 % of its calls, and to one who passes it on again
			nil, append(bookinfo(half("503"), half("500"), ends{"200": 950, "500": 50}),
				http("b/page-v1", "b/details-v1", ends{"200": 900}),
				http("b/gate-v1", "b/page-v1", ends{"200": 950, "500": 50}), http("", "b/gate-v1", ends{"200": 1950, "500": 50})),
			[]string{"b/gate-v1 by b/ratings-v1", "b/page-v1 by b/ratings-v1", "origin b/ratings-v1", "b/reviews-v1 by b/ratings-v1"},
		},
		"who has a few errors of its own": { // 7 of 100, and one call of ratings
			nil, append(bookinfo(half("503"), half("500"), good), http("b/other-v1", "b/ratings-v1", ends{"200": 99, "503": 1}),
				http("", "b/other-v1", ends{"200": 93, "500": 7})),
			[]string{"b/page-v1 by b/ratings-v1", "origin b/ratings-v1", "b/reviews-v1 by b/ratings-v1"},
		},
		"what begins in the middle": {
			nil, bookinfo(good, half("500"), half("500")),
			[]string{"b/page-v1 by b/reviews-v1", "origin b/reviews-v1"},
		},
		"some errors are no fault": {
			nil, bookinfo(ends{"200": 95, "503": 5}, ends{"200": 95, "503": 5}, ends{"200": 95, "503": 5}), nil,
		},
		"what a dependency cannot explain": { // ratings fails others more
			nil, append(bookinfo(ends{"200": 400, "503": 10}, half("500"), half("500")), http("b/other-v1", "b/ratings-v1", ends{"503": 600})),
			[]string{"b/other-v1 by b/ratings-v1", "b/page-v1 by b/ratings-v1, b/reviews-v1", "origin b/ratings-v1", "origin b/reviews-v1"},
		},
		"an edge that is well explains nothing": { // as many 404 of it as reviews has errors, and they are tolerated
			nil, append(bookinfo(ends{"200": 950, "404": 50}, half("500"), half("500")), http("b/other-v1", "b/ratings-v1", ends{"404": 3000})),
			[]string{"b/other-v1 by b/ratings-v1", "b/page-v1 by b/reviews-v1", "origin b/ratings-v1", "origin b/reviews-v1"},
		},
		"who is asked wrongly is at fault for nobody else's errors": { // ratings is well to all others
			nil, append(bookinfo(ends{"401": 50}, half("500"), half("500")), http("b/other-v1", "b/ratings-v1", ends{"200": 1000})),
			[]string{"b/page-v1 by b/reviews-v1", "origin b/reviews-v1"},
		},
		"4xx, of all who ask": {
			nil, bookinfo(half("404"), half("500"), half("500")),
			[]string{"b/page-v1 by b/ratings-v1", "origin b/ratings-v1", "b/reviews-v1 by b/ratings-v1"},
		},
		"no response": {
			nil, bookinfo(half("-"), half("504"), half("504")),
			[]string{"b/page-v1 by b/ratings-v1", "origin b/ratings-v1", "b/reviews-v1 by b/ratings-v1"},
		},
		"retries are more errors than what they are of": {
			nil, bookinfo(ends{"200": 50, "503": 150}, half("500"), half("500")),
			[]string{"b/page-v1 by b/ratings-v1", "origin b/ratings-v1", "b/reviews-v1 by b/ratings-v1"},
		},
		"its own errors, beside a dependency's": { // without those of ratings reviews would fail all the same
			nil, bookinfo(ends{"200": 80, "503": 20}, half("500"), half("500")),
			[]string{"b/page-v1 by b/ratings-v1, b/reviews-v1", "origin b/ratings-v1", "origin b/reviews-v1"},
		},
		"two origins": {
			nil,
			[]topology.Flow{
				http("", "b/page-v1", half("500")),
				http("b/page-v1", "b/x-v1", ends{"200": 70, "500": 30}), http("b/page-v1", "b/y-v1", ends{"200": 70, "500": 30}),
			},
			[]string{"b/page-v1 by b/x-v1, b/y-v1", "origin b/x-v1", "origin b/y-v1"},
		},
		"few requests are no fault": {
			nil, bookinfo(ends{"503": 3}, ends{"500": 3}, ends{"200": 2, "500": 1}), nil,
		},
		"no workload, known by who took other calls": {
			nil,
			[]topology.Flow{
				http("b/page-v1", "b/reviews-v1", half("500")),
				http("b/reviews-v1", "(b/ratings)", ends{"503": 50}), http("b/reviews-v1", "b/ratings-v1", ends{"200": 20}),
			},
			[]string{"b/page-v1 by b/ratings-v1", "origin b/ratings-v1", "b/reviews-v1 by b/ratings-v1"},
		},
		"no workload, known by its selector": {
			objects{"service b/ratings": {Workloads: []string{"ratings-v1"}}},
			[]topology.Flow{
				http("b/page-v1", "b/reviews-v1", half("500")), http("b/reviews-v1", "(b/ratings)", ends{"503": 50}),
			},
			[]string{"b/page-v1 by b/ratings-v1", "origin b/ratings-v1", "b/reviews-v1 by b/ratings-v1"},
		},
		"no workload, of several the dead": {
			objects{
				"service b/ratings":     {Workloads: []string{"ratings-v1", "ratings-v2", "ratings-v3"}},
				"workload b/ratings-v1": pods(1, 1, 1), "workload b/ratings-v2": dead, "workload b/ratings-v3": scaledDown,
			},
			[]topology.Flow{
				http("b/reviews-v1", "b/ratings-v1", ends{"200": 20}), http("b/reviews-v1", "(b/ratings)", ends{"503": 50}),
			},
			[]string{"origin b/ratings-v2", "b/reviews-v1 by b/ratings-v2"},
		},
		"no workload, all of them scaled down": {
			objects{"service b/ratings": {Workloads: []string{"ratings-v1", "ratings-v2"}}, "workload b/ratings-v1": scaledDown, "workload b/ratings-v2": scaledDown},
			[]topology.Flow{http("b/reviews-v1", "(b/ratings)", ends{"503": 50})},
			[]string{"origin b/ratings-v1", "origin b/ratings-v2", "b/reviews-v1 by b/ratings-v1, b/ratings-v2"},
		},
		"no workload, of several that live: the service": {
			objects{"service b/ratings": {Workloads: []string{"ratings-v1", "ratings-v2"}}, "workload b/ratings-v1": pods(1, 1, 1), "workload b/ratings-v2": scaledDown},
			[]topology.Flow{
				http("b/reviews-v1", "b/ratings-v1", good), http("b/reviews-v1", "(b/ratings)", ends{"503": 50}),
			},
			[]string{"origin service b/ratings", "b/reviews-v1 by service b/ratings"},
		},
		"no workload, and few of all calls": {
			nil,
			[]topology.Flow{
				http("b/reviews-v1", "b/ratings-v1", ends{"200": 500}), http("b/reviews-v1", "b/ratings-v2", ends{"200": 500}),
				http("b/reviews-v1", "(b/ratings)", ends{"503": 50}),
			},
			nil,
		},
		"no workload is known": {
			nil,
			[]topology.Flow{http("b/page-v1", "b/reviews-v1", half("500")), http("b/reviews-v1", "(b/ratings)", ends{"503": 50})},
			[]string{"b/page-v1 by service b/ratings", "origin service b/ratings", "b/reviews-v1 by service b/ratings"},
		},
		"a host outside": {
			nil,
			[]topology.Flow{http("b/page-v1", "b/pay-v1", half("500")), http("b/pay-v1", "(api.bank.example)", half("502"))},
			[]string{"origin service api.bank.example", "b/page-v1 by service api.bank.example", "b/pay-v1 by service api.bank.example"},
		},
		"what has no name explains nothing": {
			nil,
			[]topology.Flow{http("b/page-v1", "b/pay-v1", half("500")), http("b/pay-v1", "(PassthroughCluster)", half("502"))},
			[]string{"b/page-v1 by b/pay-v1", "origin b/pay-v1"},
		},
		"no pods, while called": {
			objects{"workload b/ratings-v1": dead}, bookinfo(good, good, good), []string{"origin b/ratings-v1"},
		},
		"no pods, and nobody calls": {
			objects{"workload b/else-v1": dead}, bookinfo(good, good, good), nil,
		},
		"scaled down, and nobody suffers": {
			objects{"workload b/ratings-v1": scaledDown}, bookinfo(good, good, good), nil,
		},
		"a dead database": {
			objects{"workload b/mongodb-v1": dead},
			append(bookinfo(half("500"), half("500"), good), tcp("b/ratings-v1", "b/mongodb-v1")),
			[]string{"origin b/mongodb-v1", "b/page-v1 by b/mongodb-v1", "b/ratings-v1 by b/mongodb-v1", "b/reviews-v1 by b/mongodb-v1"},
		},
		"pods are missing, and it answers": {
			objects{"workload b/ratings-v1": pods(3, 3, 1)}, bookinfo(good, good, good), nil,
		},
		"gRPC": {
			nil,
			[]topology.Flow{
				grpc("b/page-v1", "b/reviews-v1", ends{"0": 50, "13": 50}), grpc("b/reviews-v1", "b/ratings-v1", ends{"14": 50}),
			},
			[]string{"b/page-v1 by b/ratings-v1", "origin b/ratings-v1", "b/reviews-v1 by b/ratings-v1"},
		},
		"one who calls itself": {
			nil,
			[]topology.Flow{http("b/page-v1", "b/reviews-v1", half("500")), http("b/reviews-v1", "b/reviews-v1", half("500"))},
			[]string{"b/page-v1 by b/reviews-v1", "origin b/reviews-v1"},
		},
		"a circle, where errors begin in it": {
			nil,
			[]topology.Flow{
				http("", "b/a-v1", half("500")), http("b/a-v1", "b/b-v1", half("500")), http("b/b-v1", "b/a-v1", ends{"200": 95, "500": 5}),
			},
			[]string{"b/a-v1 by b/b-v1", "origin b/b-v1"},
		},
		"a circle that explains itself": {
			nil,
			[]topology.Flow{
				http("b/page-v1", "b/a-v1", good),
				http("b/a-v1", "b/b-v1", half("500")), http("b/b-v1", "b/c-v1", half("500")), http("b/c-v1", "b/a-v1", half("500")),
			},
			[]string{"origin b/a-v1", "origin b/b-v1", "origin b/c-v1"},
		},
		"a circle that somebody outside fails": {
			nil,
			[]topology.Flow{
				http("b/a-v1", "b/b-v1", half("500")), http("b/b-v1", "b/a-v1", half("500")), http("b/b-v1", "b/db-v1", half("500")),
			},
			[]string{"b/a-v1 by b/db-v1", "b/b-v1 by b/db-v1", "origin b/db-v1"},
		},
		"a caller of whom only the app is known": {
			nil,
			[]topology.Flow{func() topology.Flow {
				f := http("b/page-v1", "b/reviews-v1", half("500"))
				f.Key.Source.Workload = ""
				return f
			}()},
			[]string{"app b/page by b/reviews-v1", "origin b/reviews-v1"},
		},
		"what one tolerates": {
			objects{"workload b/ratings-v1": annotated("5xx,60,60,http,.*")},
			bookinfo(half("503"), good, good),
			[]string{"b/reviews-v1 by"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var known topology.Objects
			if tc.objects != nil {
				known = tc.objects
			}
			require.Equal(t, tc.want, blamed(judge(known, tc.flows...).Faults()))
		})
	}
}

func TestFaultOf(t *testing.T) {
	f := judge(nil, http("b/page-v1", "b/reviews-v1", half("500")), http("b/reviews-v1", "b/ratings-v1", half("500"))).Faults()
	require.Equal(t, &health.Fault{
		Ref:     ref("workload b/page-v1"),
		Because: []topology.Ref{ref("workload b/reviews-v1")},
		Origins: []topology.Ref{ref("workload b/ratings-v1")},
	}, f.Of(ref("workload b/page-v1")))
	require.True(t, f.Of(ref("workload b/ratings-v1")).Origin)
	require.Nil(t, f.Of(ref("workload b/else-v1")))
	require.Empty(t, (*health.Faults)(nil).All())
}

func TestDependentsAndDependencies(t *testing.T) {
	idle := http("b/page-v1", "b/idle-v1", ends{"200": 0})
	f := judge(objects{"service b/log": {Workloads: []string{"log-v1"}}},
		http("", "b/page-v1", good), // who that is, nobody knows
		http("b/page-v1", "b/reviews-v1", good), http("b/page-v1", "b/reviews-v2", good), http("b/page-v1", "b/details-v1", good),
		http("b/reviews-v1", "b/ratings-v1", good), http("b/reviews-v2", "b/ratings-v1", good), grpc("b/reviews-v2", "b/ratings-v1", good),
		tcp("b/ratings-v1", "b/mongodb-v1"),
		http("b/details-v1", "(books.example)", good),
		http("b/details-v1", "(PassthroughCluster)", good),
		http("b/details-v1", "(b/log)", ends{"503": 50}),
		http("b/ratings-v1", "b/ratings-v1", good), // itself
		http("b/a-v1", "b/b-v1", good), http("b/b-v1", "b/a-v1", good), http("b/b-v1", "b/page-v1", good),
		idle,
	).Faults()
	var got []string
	for w := range f.Workloads() {
		up, down := f.Dependents(w), f.Dependencies(w)
		got = append(got, fmt.Sprintf("%s %d/%d %d/%d", w.Name, up.Direct, up.All, down.Direct, down.All))
	}
	require.Equal(t, []string{
		"a-v1 1/1 1/9",
		"b-v1 1/1 2/9",
		"details-v1 1/3 2/2",
		"log-v1 1/4 0/0",
		"mongodb-v1 1/6 0/0",
		"page-v1 1/2 3/7",
		"ratings-v1 2/5 1/1",
		"reviews-v1 1/3 1/2",
		"reviews-v2 1/3 1/2",
	}, got)
}

// TestSufferersOfSufferers: by whom one suffers does not hang on whether these
// were looked at before.
func TestSufferersOfSufferers(t *testing.T) {
	few := ends{"200": 97, "503": 3}
	for _, name := range []string{"b/a-v1", "b/z-v1"} { // before and after those that it calls
		faults := judge(nil,
			http("", name, few),
			http(name, "b/m-v1", few),
			http(name, "b/n-v1", half("503")),
			http("b/m-v1", "b/n-v1", half("503")),
		).Faults()
		var because []string
		for _, fault := range faults.All() {
			if text(fault.Ref) == "workload "+name {
				for _, r := range fault.Because {
					because = append(because, text(r))
				}
			}
		}
		require.Equal(t, []string{"workload b/m-v1", "workload b/n-v1"}, because, name)
	}
}
