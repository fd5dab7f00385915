package kiali

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

const (
	// noCode is what there is no code of: a call without a response, TCP.
	noCode  = "-"
	noFlags = "-"
)

// response is the calls that ended with one code: how many of them by Envoy's
// flags and by the host that was called.
type response struct {
	code         string
	flags, hosts shares
}

// shares are parts of a whole. There are few, as a rule.
type shares []share

type share struct {
	name string
	n    float64
}

func (s shares) add(name string, n float64) shares {
	for i := range s {
		if s[i].name == name {
			s[i].n += n
			return s
		}
	}
	return append(s, share{name, n})
}

func (s shares) write(o *object, name string, total float64) {
	if len(s) == 0 {
		return
	}
	slices.SortFunc(s, func(a, b share) int { return strings.Compare(a.name, b.name) })
	o.within(name, func() {
		for _, part := range s {
			o.percent(part.name, part.n, total)
		}
	})
}

type responses []response

func (r responses) add(code, flags, host string, n float64) responses {
	if !(n > 0) {
		return r
	}
	i := slices.IndexFunc(r, func(of response) bool { return of.code == code })
	if i < 0 {
		i = len(r)
		r = append(r, response{code: code})
	}
	if flags != "" {
		r[i].flags = r[i].flags.add(flags, n)
	}
	r[i].hosts = r[i].hosts.add(cmp.Or(host, topology.Unknown), n)
	return r
}

// responses writes an edge's responses, by code: which part of the edge's calls
// had which flags and were to which host.
func (v *view) responses(o *object, e *topology.Edge, total float64) {
	var all responses
	for _, f := range e.Flows {
		all = v.flowResponses(all, f, e.Protocol)
	}
	slices.SortFunc(all, func(a, b response) int { return strings.Compare(a.code, b.code) })
	o.within("responses", func() {
		for _, r := range all {
			o.within(r.code, func() {
				r.flags.write(o, "flags", total)
				r.hosts.write(o, "hosts", total)
			})
		}
	})
}

func (v *view) flowResponses(all responses, f topology.Flow, p topology.Protocol) responses {
	host := f.Key.Service.Host
	switch rate := v.Rates.of(p); {
	case p == topology.TCP:
		sent, received := directions(rate)
		if sent {
			all = all.addBytes(f.Traffic.TCPRequestBytes, host)
		}
		if received {
			all = all.addBytes(f.Traffic.TCPResponseBytes, host)
		}
	case rate == RateRequests:
		for _, r := range f.Traffic.Responses() {
			all = all.add(code(r, p), cmp.Or(r.Flags, noFlags), host, f.Traffic.Requests[r])
		}
	default: // messages are of calls that go on
		all = all.add(noCode, "", host, counted(f.Traffic, p, v.Rates))
	}
	return all
}

func (r responses) addBytes(byFlags map[string]float64, host string) responses {
	for _, flags := range slices.Sorted(maps.Keys(byFlags)) { // sums must not depend on the order (T4)
		r = r.add(noCode, cmp.Or(flags, noFlags), host, byFlags[flags])
	}
	return r
}

// code is the code that a call ended with. Of gRPC that is its status, but for
// an HTTP error, which wins over it.
func code(r topology.Response, p topology.Protocol) string {
	switch {
	case r.Outcome(topology.HTTP) == topology.NoResponse:
		return noCode
	case p != topology.GRPC || r.GRPCStatus == "":
		return cmp.Or(r.Code, topology.Unknown)
	}
	if http := r.Outcome(topology.HTTP); http == topology.ClientError || http == topology.ServerError {
		return r.Code
	}
	return r.GRPCStatus
}
