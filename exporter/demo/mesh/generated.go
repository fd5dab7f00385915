package mesh

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Limits of what is generated, so that a slip of a finger is no endless start.
const (
	maxNamespaces = 500
	maxWorkloads  = 200
)

// Numbers of what is generated. With 50 namespaces of 20 workloads they make
// about 2,800 edges and 120,000 series in the store.
const (
	// callsWithin and callsAcross are edges per workload, to workloads of the
	// same namespace and of others.
	callsWithin, callsAcross = 2.5, 0.3
	// ambientShare is the share of namespaces in ambient mode without a
	// waypoint, where there are only connections: 8 series for an edge.
	ambientShare = 0.48
	// failingShare is the share of edges with a second label set.
	failingShare = 0.04
)

// addGenerated adds namespaces of workloads that call each other, each one
// only such that come after it, so that the gateway's calls fan out through a
// namespace to its ends. Sizes have few buckets there (thinBuckets): with the
// default ones, 2,800 edges would be 300,000 series and more.
func (m *Mesh) addGenerated(ingress *workload, namespaces, workloads int) {
	var before []*workload // workloads of earlier namespaces, by dataplane
	for i := range namespaces {
		rng := stream(m.seed, fmt.Sprint("namespace ", i))
		plane := sidecar
		if math.Floor(float64(i+1)*ambientShare) > math.Floor(float64(i)*ambientShare) {
			plane = ambient
		}
		team := make([]*workload, workloads)
		for j := range team {
			team[j] = m.addGeneratedWorkload(i, j, plane)
		}

		m.connectGenerated(rng, ingress, team[0])
		wanted := int(math.Round(callsWithin * float64(workloads)))
		made := map[[2]int]bool{}
		for j := 1; j < workloads; j++ { // everybody is called by somebody
			caller := rng.IntN(j)
			made[[2]int{caller, j}] = true
			m.connectGenerated(rng, team[caller], team[j])
		}
		for wanted = min(wanted, workloads*(workloads-1)/2); len(made) < wanted; {
			a, b := rng.IntN(workloads), rng.IntN(workloads)
			if pair := [2]int{min(a, b), max(a, b)}; a != b && !made[pair] {
				made[pair] = true
				m.connectGenerated(rng, team[pair[0]], team[pair[1]])
			}
		}
		m.connectAcross(rng, team, before)
		before = append(before, team...)
	}
}

// connectAcross makes calls to earlier namespaces. Ambient workloads call
// only ambient ones, as a sidecar before a server would see what their own
// ztunnel cannot.
func (m *Mesh) connectAcross(rng *rand.Rand, team, before []*workload) {
	if len(before) == 0 {
		return
	}
	made := map[[2]*workload]bool{}
	for range int(math.Round(callsAcross * float64(len(team)))) {
		pair := [2]*workload{team[rng.IntN(len(team))], before[rng.IntN(len(before))]}
		if made[pair] || pair[0].dataplane == ambient && pair[1].dataplane != ambient {
			continue
		}
		made[pair] = true
		m.connectGenerated(rng, pair[0], pair[1])
	}
}

func (m *Mesh) addGeneratedWorkload(namespace, number int, plane dataplane) *workload {
	app := fmt.Sprintf("service-%02d", number+1)
	protocol := protocolHTTP
	if number%4 == 3 {
		protocol = protocolGRPC
	}
	return m.add(workload{
		namespace: fmt.Sprintf("team-%02d", namespace+1), name: app + "-v1", app: app, version: "v1",
		dataplane: plane, protocol: protocol, sizes: thinBuckets,
	})
}

// connectGenerated adds an edge with a rate from 0.05 to 20 per second, many
// of them slow.
func (m *Mesh) connectGenerated(rng *rand.Rand, source, destination *workload) {
	rate := 0.05 * math.Pow(400, rng.Float64())
	latency := 2 * math.Pow(40, rng.Float64())
	failing := rng.Float64() < failingShare
	if m.protocol(source, destination) == protocolTCP {
		m.flow(source, destination, flow{rate: rate / 10, lifetime: 30, pool: 1, exchanges: rate, request: 400, reply: 1600})
		return
	}
	c := calls{rate: rate, latency: shape{median: latency, sigma: 0.6}, request: usualRequest, reply: usualReply}
	if failing && m.protocol(source, destination) == protocolGRPC {
		c.outcomes = []outcome{answeredGRPC(0.01, "13")}
	} else if failing {
		c.outcomes = []outcome{answered(0.01, "500")}
	}
	m.call(source, destination, c)
}
