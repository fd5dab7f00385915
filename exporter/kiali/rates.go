package kiali

import (
	"strings"

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

// class is a class of requests that a protocol has rates of.
type class struct {
	name    string
	outcome topology.Outcome
}

// protocolForm is how the rates of a protocol are named. What is 0 is left out.
type protocolForm struct {
	protocol topology.Protocol
	// prefix is what the names begin with.
	prefix  string
	classes []class
	// classesIn are the names of a node's classes.
	classesIn []class
}

// forms are those of Kiali's protocols. Others have no rates.
var forms = []protocolForm{
	{topology.GRPC, "grpc", []class{{"grpcErr", topology.GRPCError}, {"grpcNoResponse", topology.NoResponse}}, []class{
		{"grpcInErr", topology.GRPCError}, {"grpcInNoResponse", topology.NoResponse},
	}},
	{topology.HTTP, "http", []class{
		{"http3xx", topology.Redirect}, {"http4xx", topology.ClientError}, {"http5xx", topology.ServerError}, {"httpNoResponse", topology.NoResponse},
	}, []class{
		{"httpIn3xx", topology.Redirect}, {"httpIn4xx", topology.ClientError}, {"httpIn5xx", topology.ServerError}, {"httpInNoResponse", topology.NoResponse},
	}},
	{topology.TCP, "tcp", nil, nil},
}

func formOf(p topology.Protocol) *protocolForm {
	for i := range forms {
		if forms[i].protocol == p {
			return &forms[i]
		}
	}
	return nil
}

// hasClasses tells that a protocol's requests are counted, and have classes.
func (v *view) hasClasses(f *protocolForm) bool {
	return len(f.classes) > 0 && v.Rates.of(f.protocol) == RateRequests
}

// rate is a rate per second, left out where it is 0.
func (v *view) rate(o *object, name string, n float64) {
	if n > 0 {
		o.number(name, n/v.graph.Interval.Length.Seconds(), 2)
	}
}

// nodeTraffic writes what a node is called and calls, by protocol.
func (v *view) nodeTraffic(o *object, n *topology.Node) {
	var traffic []func()
	for i := range forms {
		f := &forms[i]
		in, out := n.In[f.protocol], n.Out[f.protocol]
		var called, calls float64
		if in != nil {
			called = counted(in, f.protocol, v.Rates)
		}
		if out != nil {
			calls = counted(out, f.protocol, v.Rates)
		}
		if !(called > 0) && !(calls > 0) {
			continue
		}
		traffic = append(traffic, func() {
			o.must("protocol", string(f.protocol))
			o.within("rates", func() {
				v.rate(o, f.prefix+"In", called)
				if in != nil && v.hasClasses(f) {
					outcomes := in.Outcomes(f.protocol)
					for _, c := range f.classesIn {
						v.rate(o, c.name, outcomes[c.outcome])
					}
				}
				v.rate(o, f.prefix+"Out", calls)
			})
		})
	}
	if len(traffic) > 0 {
		o.name("traffic")
		o.list(len(traffic), func(i int) { traffic[i]() })
	}
}

// edgeTraffic writes what goes over an edge.
func (v *view) edgeTraffic(o *object, e *topology.Edge) {
	o.must("protocol", strings.ToLower(string(e.Protocol)))
	f := formOf(e.Protocol)
	if f == nil {
		return
	}
	total := counted(&e.Traffic, e.Protocol, v.Rates)
	if !(total > 0) {
		return
	}
	o.within("rates", func() {
		v.rate(o, f.prefix, total)
		if e.Protocol == topology.TCP {
			return
		}
		errors := 0.0
		if v.hasClasses(f) {
			outcomes := e.Traffic.Outcomes(e.Protocol)
			for _, c := range f.classes {
				v.rate(o, c.name, outcomes[c.outcome])
			}
			for outcome, n := range outcomes {
				if topology.Outcome(outcome).IsError() {
					errors += n
				}
			}
		}
		if errors > 0 {
			o.percent(f.prefix+"PercentErr", errors, total)
		}
		if all, ok := e.Source.Out[e.Protocol]; ok {
			o.percent(f.prefix+"PercentReq", total, counted(all, e.Protocol, v.Rates))
		}
	})
	v.responses(o, e, total)
}
