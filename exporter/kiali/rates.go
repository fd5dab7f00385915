package kiali

import (
	"strings"
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

// directions tells which of what is sent and received a rate counts.
func directions(r Rate) (sent, received bool) {
	return r == RateSent || r == RateTotal, r == RateReceived || r == RateTotal
}

// counted is how much there is of what is counted of a protocol.
func counted(t *topology.Traffic, p topology.Protocol, rates Rates) float64 {
	rate := rates.of(p)
	if rate == RateRequests {
		return t.Total()
	}
	request, response := t.RequestMessages, t.ResponseMessages
	if p == topology.TCP {
		request, response = t.TCPBytes()
	}
	n := 0.0
	sent, received := directions(rate)
	if sent {
		n += request
	}
	if received {
		n += response
	}
	return n
}

// outcomes are the requests by class, where requests are counted.
func outcomes(t *topology.Traffic, p topology.Protocol, rates Rates) (by [topology.NumOutcomes]float64) {
	if p == topology.TCP || rates.of(p) != RateRequests {
		return by
	}
	return t.Outcomes(p)
}

// ratesBy are rates by Kiali's names for them. What is 0 is left out.
type ratesBy map[string]string

func (r ratesBy) add(name string, n float64, window time.Duration) {
	if n > 0 {
		r[name] = rateText(n / window.Seconds())
	}
}

// prefix is what the names of a protocol's rates begin with. Protocols other
// than Kiali's have none.
func prefix(p topology.Protocol) string {
	switch p {
	case topology.HTTP, topology.GRPC, topology.TCP:
		return string(p)
	}
	return ""
}

// classes are the classes of requests that a protocol has rates of.
func classes(p topology.Protocol) map[string]topology.Outcome {
	switch p {
	case topology.HTTP:
		return map[string]topology.Outcome{
			"NoResponse": topology.NoResponse, "3xx": topology.Redirect, "4xx": topology.ClientError, "5xx": topology.ServerError,
		}
	case topology.GRPC:
		return map[string]topology.Outcome{"NoResponse": topology.NoResponse, "Err": topology.GRPCError}
	}
	return nil
}

// nodeTraffic is what a node is called and calls by one protocol.
type nodeTraffic struct {
	Protocol string  `json:"protocol"`
	Rates    ratesBy `json:"rates"`
}

func nodeTrafficOf(n *topology.Node, rates Rates, window time.Duration) []nodeTraffic {
	var all []nodeTraffic
	for _, p := range [...]topology.Protocol{topology.GRPC, topology.HTTP, topology.TCP} {
		by := ratesBy{}
		if in, ok := n.In[p]; ok {
			by.add(prefix(p)+"In", counted(in, p, rates), window)
			failed := outcomes(in, p, rates)
			for class, outcome := range classes(p) {
				by.add(prefix(p)+"In"+class, failed[outcome], window)
			}
		}
		if out, ok := n.Out[p]; ok {
			by.add(prefix(p)+"Out", counted(out, p, rates), window)
		}
		if len(by) > 0 {
			all = append(all, nodeTraffic{string(p), by})
		}
	}
	return all
}

// edgeTraffic is what goes over an edge.
type edgeTraffic struct {
	Protocol  string              `json:"protocol"`
	Rates     ratesBy             `json:"rates,omitempty"`
	Responses map[string]response `json:"responses,omitempty"`
}

func edgeTrafficOf(e *topology.Edge, rates Rates, window time.Duration) edgeTraffic {
	p, by := e.Protocol, ratesBy{}
	traffic := edgeTraffic{Protocol: strings.ToLower(string(p)), Rates: by}
	if prefix(p) == "" {
		return traffic
	}
	total := counted(&e.Traffic, p, rates)
	by.add(prefix(p), total, window)
	traffic.Responses = responses(e, rates, total)
	if p == topology.TCP || !(total > 0) {
		return traffic
	}
	failed := outcomes(&e.Traffic, p, rates)
	errors := 0.0
	for outcome, n := range failed {
		if topology.Outcome(outcome).IsError() {
			errors += n
		}
	}
	for class, outcome := range classes(p) {
		by.add(prefix(p)+class, failed[outcome], window)
	}
	if errors > 0 {
		by[prefix(p)+"PercentErr"] = percentText(errors, total)
	}
	if all, ok := e.Source.Out[p]; ok {
		if whole := counted(all, p, rates); whole > 0 {
			by[prefix(p)+"PercentReq"] = percentText(total, whole)
		}
	}
	return traffic
}
