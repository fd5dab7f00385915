package kiali

import (
	"cmp"
	"maps"
	"slices"

	"github.com/meshscope/meshscope/exporter/topology"
)

const (
	// noCode is what there is no code of: a call without a response, TCP.
	noCode  = "-"
	noFlags = "-"
)

// response is the calls that ended with one code: which part of the edge's
// calls, by Envoy's flags and by the host that was called.
type response struct {
	Flags map[string]string `json:"flags,omitempty"`
	Hosts map[string]string `json:"hosts,omitempty"`
}

// responseSum is a response whose calls are being added up.
type responseSum struct{ flags, hosts map[string]float64 }

type responseSums map[string]*responseSum

func (s responseSums) add(code, flags, host string, n float64) {
	if !(n > 0) {
		return
	}
	r, ok := s[code]
	if !ok {
		r = &responseSum{flags: map[string]float64{}, hosts: map[string]float64{}}
		s[code] = r
	}
	if flags != "" {
		r.flags[flags] += n
	}
	r.hosts[cmp.Or(host, topology.Unknown)] += n
}

// responses are an edge's, by code.
func responses(e *topology.Edge, rates Rates, total float64) map[string]response {
	if !(total > 0) {
		return nil
	}
	sums := responseSums{}
	for _, f := range e.Flows {
		host := f.Key.Service.Host
		switch rate := rates.of(e.Protocol); {
		case e.Protocol == topology.TCP:
			sent, received := directions(rate)
			if sent {
				addBytes(sums, f.Traffic.TCPRequestBytes, host)
			}
			if received {
				addBytes(sums, f.Traffic.TCPResponseBytes, host)
			}
		case rate == RateRequests:
			for _, r := range f.Traffic.Responses() {
				sums.add(code(r, e.Protocol), cmp.Or(r.Flags, noFlags), host, f.Traffic.Requests[r])
			}
		default: // messages are of calls that go on
			sums.add(noCode, "", host, counted(f.Traffic, e.Protocol, rates))
		}
	}
	all := make(map[string]response, len(sums))
	for code, s := range sums {
		all[code] = response{percentages(s.flags, total), percentages(s.hosts, total)}
	}
	return all
}

func addBytes(sums responseSums, byFlags map[string]float64, host string) {
	for _, flags := range slices.Sorted(maps.Keys(byFlags)) { // sums must not depend on the order (T4)
		sums.add(noCode, cmp.Or(flags, noFlags), host, byFlags[flags])
	}
}

func percentages(of map[string]float64, total float64) map[string]string {
	if len(of) == 0 {
		return nil
	}
	texts := make(map[string]string, len(of))
	for name, n := range of {
		texts[name] = percentText(n, total)
	}
	return texts
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
