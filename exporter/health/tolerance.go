package health

import (
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// The directions and protocols of requests, as indices, in the order of their
// names. TCP has no requests.
const (
	in = iota
	out
	numDirections
)

const (
	grpc = iota
	http
	numProtocols
)

var (
	directions = [numDirections]topology.Direction{topology.In, topology.Out}
	protocols  = [numProtocols]topology.Protocol{topology.GRPC, topology.HTTP}
)

// protocolIndex is the place of a protocol; ok is false of one without requests.
func protocolIndex(p topology.Protocol) (i int, ok bool) {
	switch p {
	case topology.HTTP:
		return http, true
	case topology.GRPC:
		return grpc, true
	}
	return 0, false
}

// tolerance is a Tolerance, compiled.
type tolerance struct {
	Tolerance
	code    pattern
	applies [numDirections][numProtocols]bool
	// taken remembers of each code that was looked at whether it is like Code.
	taken []taken
}

type taken uint8

const (
	notLookedAt taken = iota
	isTaken
	isNotTaken
)

// tolerances are what is tolerated of one, sorted by code: each is judged by
// itself, so that the order in which they are written does not matter.
type tolerances []*tolerance

func (all tolerances) sort() {
	slices.SortStableFunc(all, func(a, b *tolerance) int { return strings.Compare(a.Code, b.Code) })
}

// newTolerance compiles a tolerance that has no problems.
func newTolerance(t Tolerance) (*tolerance, error) {
	code, err := compileCode(t.Code)
	if err != nil {
		return nil, err
	}
	protocol, err := compile(t.Protocol)
	if err != nil {
		return nil, err
	}
	direction, err := compile(t.Direction)
	if err != nil {
		return nil, err
	}
	c := &tolerance{Tolerance: t, code: code}
	for d, word := range [numDirections]string{inbound, outbound} {
		for p, name := range protocols {
			c.applies[d][p] = direction.is(word) && protocol.is(string(name))
		}
	}
	return c, nil
}

// takes tells that a code counts as an error.
func (t *tolerance) takes(code int, all *codes) bool {
	if code >= len(t.taken) {
		t.taken = append(t.taken, make([]taken, len(all.names)-len(t.taken))...)
	}
	if t.taken[code] == notLookedAt {
		t.taken[code] = isNotTaken
		if slices.ContainsFunc(all.names[code], t.code.isCode) {
			t.taken[code] = isTaken
		}
	}
	return t.taken[code] == isTaken
}

// slack is how much of a limit may be missing, for counts are sums of parts
// that are no whole numbers.
const slack = 1e-9

// judge says what so many errors of so many requests come to.
func (t *tolerance) judge(errors, requests float64) topology.Health {
	switch percent := errors * 100 * (1 + slack); {
	case !(errors > 0):
		return topology.HealthHealthy
	case percent >= t.Failure*requests:
		return topology.HealthFailure
	case percent >= t.Degraded*requests:
		return topology.HealthDegraded
	}
	return topology.HealthHealthy
}

// rate is a Rate, compiled.
type rate struct {
	namespace, kind, name pattern
	tolerances            tolerances
}

// newRate compiles a rate; ok is false of one that has a problem.
func newRate(r Rate) (c rate, ok bool) {
	for _, field := range []struct {
		text string
		into *pattern
	}{{r.Namespace, &c.namespace}, {r.Kind, &c.kind}, {r.Name, &c.name}} {
		var err error
		if *field.into, err = compile(field.text); err != nil {
			return rate{}, false
		}
	}
	for _, t := range r.Tolerance {
		compiled, err := newTolerance(t)
		if err != nil {
			return rate{}, false
		}
		c.tolerances = append(c.tolerances, compiled)
	}
	c.tolerances.sort()
	return c, len(c.tolerances) > 0
}

func (r *rate) isOf(kind, namespace, name string) bool {
	return r.namespace.is(namespace) && r.kind.is(kind) && r.name.is(name)
}
