package kiali

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Question asks for one graph, by the parameters of Kiali's API.
type Question struct {
	// Level is the API's graphType: workload, app, versionedApp or service.
	Level topology.Level
	// Namespaces are those asked for, sorted and each once. The graph of one
	// node has that node's.
	Namespaces []string
	// Node is what a node's ("detail") graph is of; nil asks for the whole graph of Namespaces.
	Node *Node
	// Time is the end of the graph's time; zero is now.
	Time time.Time
	// Duration is how long that time is.
	Duration time.Duration
	// Appenders are the additions that are wanted.
	Appenders Appenders
	// ServiceNodes puts the service between a caller and what it reached.
	ServiceNodes bool
	// IdleEdges keeps edges without traffic.
	IdleEdges bool
	// Waypoints shows waypoints.
	Waypoints bool
	// Boxes are drawn around what belongs together.
	Boxes Boxes
	// Ambient says which reports of an ambient mesh count.
	Ambient Ambient
	// Rates say what is counted of each protocol.
	Rates Rates
	// Quantile is that of response times, 0 for their average.
	Quantile float64
	// RequestThroughput shows the throughput of requests instead of responses.
	RequestThroughput bool
	// Aggregate is the label whose values make the nodes of operations.
	Aggregate string
	// Fresh asks for an answer that nobody got before.
	Fresh bool
}

// ResponseTimeName is the API's word for what is shown of response times.
func (q Question) ResponseTimeName() string {
	if q.Quantile == 0 {
		return "avg"
	}
	return strconv.Itoa(int(math.Round(100 * q.Quantile)))
}

// Key is the same for questions that have the same answer at the same time.
func (q Question) Key() string {
	node := Node{}
	if q.Node != nil {
		node = *q.Node
	}
	q.Node, q.Fresh = nil, false
	return fmt.Sprintf("%#v %#v", q, node)
}

// Boxes are what nodes are boxed by.
type Boxes struct{ App, Namespace, Cluster bool }

// Ambient is the API's ambientTraffic.
type Ambient string

// The values of ambientTraffic.
const (
	AmbientTotal    Ambient = "total"
	AmbientWaypoint Ambient = "waypoint"
	AmbientZtunnel  Ambient = "ztunnel"
	AmbientNone     Ambient = "none"
)

// Rate is what is counted of a protocol.
type Rate string

// The rates. Received and sent are the client's view: what is sent are
// requests, what is received are responses (T7).
const (
	RateNone     Rate = "none"
	RateRequests Rate = "requests"
	RateSent     Rate = "sent"
	RateReceived Rate = "received"
	RateTotal    Rate = "total"
)

// Rates are the API's rateHttp, rateGrpc and rateTcp.
type Rates struct{ HTTP, GRPC, TCP Rate }

// of is the rate of a protocol. What is neither HTTP, gRPC nor TCP comes from
// the same metric as HTTP.
func (r Rates) of(p topology.Protocol) Rate {
	switch p {
	case topology.GRPC:
		return r.GRPC
	case topology.TCP:
		return r.TCP
	}
	return r.HTTP
}

// Messages tells that messages of gRPC are counted.
func (r Rates) Messages() bool { return r.GRPC != RateNone && r.GRPC != RateRequests }
