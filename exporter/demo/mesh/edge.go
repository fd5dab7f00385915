package mesh

import (
	"math"
	"math/rand/v2"
)

// edge makes the calls of one workload to another.
type edge interface {
	// ends are the two workloads, the client first.
	ends() (client, server *workload)
	// suffer replaces the effects of faults on the calls to come.
	suffer(effects)
	// step makes the calls of one tick, at the given multiple of the usual
	// number.
	step(load float64)
	// hangUp ends what a pod that stops has open.
	hangUp(p *pod)
	// links are those on which calls are made when all is well.
	links() []Link
	// truth is what happened on the edge.
	truth() []Edge
}

// effects are what the faults in force do to the calls of an edge. Shares are
// of the edge's calls, from 0 to 1.
type effects struct {
	// unreachable is the share that finds no endpoint.
	unreachable float64
	// refused is the share answered 503.
	refused float64
	// inherited is the share that the server fails because its own calls fail.
	inherited float64
	// plaintext is the share made without mutual TLS.
	plaintext float64
	// delay is added to each answer, in milliseconds.
	delay float64
}

// failed is the share of calls that the client sees fail.
func (e effects) failed() float64 {
	return either(either(e.unreachable, e.refused), e.inherited)
}

// either is the share of calls that meet at least one of two independent fates.
func either(a, b float64) float64 { return 1 - (1-a)*(1-b) }

// side is the place of a proxy that reports a call.
type side int

const (
	atSource side = iota
	atWaypoint
	atDestination
)

var reporters = [...]string{atSource: reporterSource, atWaypoint: reporterWaypoint, atDestination: reporterDestination}

// route is what the two kinds of edges have in common: where calls go, and
// what the proxies on the way tell.
type route struct {
	source, destination *workload
	protocol            string
	effects             effects
	rng                 *rand.Rand
	sets                labelSets
}

func (r *route) ends() (client, server *workload) { return r.source, r.destination }

func (r *route) suffer(e effects) { r.effects = e }

// happens draws whether something of the given probability does.
func (r *route) happens(probability float64) bool {
	return probability > 0 && r.rng.Float64() < probability
}

// client draws the pod that calls, nil where there is none.
func (r *route) client() *pod { return anyPod(r.rng, r.source) }

// server draws the pod that is called, nil where there is none.
func (r *route) server() *pod { return anyPod(r.rng, r.destination) }

func anyPod(rng *rand.Rand, w *workload) *pod {
	switch len(w.pods) {
	case 0:
		return nil
	case 1:
		return w.pods[0]
	default:
		return w.pods[rng.IntN(len(w.pods))]
	}
}

// report is what the proxy at a side tells of calls between the workloads.
// Reached is false where no pod of the destination was found.
func (r *route) report(at side, end response, reached, plain bool) report {
	told := report{
		reporter: reporters[at],
		source:   nobody, destination: nobody,
		service:  r.destination.service,
		protocol: r.protocol,
		response: end,
		policy:   policyMutualTLS,
	}
	if r.source.dataplane != outside {
		told.source = r.source.peer()
	} else {
		plain = true
	}
	if reached && !r.destination.external() {
		told.destination = r.destination.peer()
	} else if at == atSource {
		plain = true
	}
	if plain {
		told.source.principal, told.destination.principal = unknown, unknown
		told.policy = policyNone
	}
	if at == atSource && r.source.dataplane.envoy() {
		// An Envoy does not tell whether what it sends is secured.
		told.policy = policyUnknown
		if r.destination.hidesCluster {
			told.destination.cluster = unknown
		}
		if !reached && r.source.namespaceOfPeer {
			// istio/istio#49842: no peer, no namespace.
			told.service.namespace = unknown
		}
	}
	ztunnel := at == atSource && r.source.dataplane == ambient || at == atDestination && r.destination.dataplane == ambient
	if ztunnel {
		told.source, told.destination = told.source.asSeenByZtunnel(), told.destination.asSeenByZtunnel()
	}
	return told
}

// tick is the length of a step, in seconds.
const tick = 1.0

// load is the multiple of the usual traffic at a time since the start, in
// seconds: a gentle wave, so that a map has something to show.
func load(sinceStart float64) float64 {
	return 1 + 0.1*math.Sin(2*math.Pi*sinceStart/900)
}
