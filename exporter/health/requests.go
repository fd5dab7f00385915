package health

import (
	"cmp"
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// codes numbers the ways in which calls have ended.
type codes struct {
	ids   map[codeID]int
	names [][]string // of each number
}

type codeID struct {
	code, status string
	protocol     int
}

// noCode is the number of a code that no pattern is like: of requests that are
// no errors, however they ended.
const noCode = 0

func newCodes() *codes { return &codes{ids: map[codeID]int{}, names: [][]string{noCode: nil}} }

func (c *codes) id(r topology.Response, protocol int) int {
	id := codeID{r.Code, r.GRPCStatus, protocol}
	n, ok := c.ids[id]
	if !ok {
		n = len(c.names)
		c.ids[id] = n
		c.names = append(c.names, codesOf(r, protocols[protocol]))
	}
	return n
}

// count is how many requests ended with a code.
type count struct {
	code int
	n    float64
}

// counts are the requests of one direction and protocol. There are few codes.
type counts []count

func (c counts) total() float64 {
	total := 0.0
	for _, each := range c {
		total += each.n
	}
	return total
}

// plus adds to the counts in their place.
func (c counts) plus(more counts) counts {
	if len(c) == 0 {
		return append(c, more...)
	}
	for _, m := range more {
		i := slices.IndexFunc(c, func(have count) bool { return have.code == m.code })
		if i < 0 {
			c = append(c, m)
		} else {
			c[i].n += m.n
		}
	}
	return c
}

// tally are the requests of one, in and out.
type tally [numDirections][numProtocols]counts

// reader reads what flows count, in an order that depends on nothing but what
// they hold: sums of floats depend on it (T4).
type reader struct {
	codes     *codes
	responses []counted
	counts    counts
	memory    memory[count]
}

type counted struct {
	topology.Response
	n float64
}

// read gives the requests of some traffic.
func (r *reader) read(t *topology.Traffic, protocol int) counts {
	r.responses, r.counts = r.responses[:0], r.counts[:0]
	for response, n := range t.Requests {
		if n > 0 {
			r.responses = append(r.responses, counted{response, n})
		}
	}
	if len(r.responses) > 1 {
		slices.SortFunc(r.responses, func(a, b counted) int {
			return cmp.Or(strings.Compare(a.Code, b.Code), strings.Compare(a.GRPCStatus, b.GRPCStatus), strings.Compare(a.Flags, b.Flags))
		})
	}
	for _, each := range r.responses {
		id := r.codes.id(each.Response, protocol)
		if last := len(r.counts) - 1; last >= 0 && r.counts[last].code == id {
			r.counts[last].n += each.n
		} else {
			r.counts = append(r.counts, count{id, each.n})
		}
	}
	return r.memory.clone(r.counts)
}

// readRequests gives the requests of each of some flows.
func readRequests(flows []topology.Flow, codes *codes) []counts {
	read, all := reader{codes: codes}, make([]counts, len(flows))
	for i := range flows {
		if p, ok := protocolIndex(flows[i].Protocol); ok {
			all[i] = read.read(flows[i].Traffic, p)
		}
	}
	return all
}

// fewCodes are as many as most sums have.
const fewCodes = 4

// sums has the memory of sums.
type sums struct{ memory[count] }

// add adds requests to a sum that is in no other memory.
func (s *sums) add(sum *counts, more counts) {
	if *sum == nil && len(more) > 0 {
		*sum = s.take(max(fewCodes, len(more)))[:0]
	}
	*sum = sum.plus(more)
}
