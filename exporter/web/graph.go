package web

import (
	"context"
	"time"

	"github.com/meshscope/meshscope/exporter/filter"
	"github.com/meshscope/meshscope/exporter/topology"
)

// A Question asks for one graph.
type Question struct {
	// Level is what a node of the graph is, e.g. workload.
	Level string
	// Namespaces are names or globs, sorted and each once; none means all.
	Namespaces []string
	// Clusters are likewise.
	Clusters []string
	// Protocols are those whose edges are shown; none means all.
	Protocols []topology.Protocol
	// ServiceNodes puts the service between a caller and what it reached.
	ServiceNodes bool
	// Idle keeps edges that had no traffic.
	Idle bool
	// Waypoints shows the hops through waypoints instead of folding them into the calls.
	Waypoints bool
	// Focus is what the graph is about; nil means all.
	Focus *topology.Focus
	// Filter chooses nodes and edges; nil means all.
	Filter *filter.Program
	// Limit is the greatest number of nodes, 0 for no bound.
	Limit int
	// Time is the end of the window. It is never zero for a Grapher.
	Time time.Time
	// Window is the time that the graph is about, more than 0 and at most MaxWindow.
	Window time.Duration
	// Output is the form of the answer, one of Outputs.
	Output string
	// Width is how many columns there are for a text, 0 for no bound. It is for terminals: HTTP has no parameter for it.
	Width int
}

// An Answer is a graph in the form that was asked for.
type Answer struct {
	Body        []byte
	ContentType string
}

// A Grapher answers questions. It is called by several goroutines at a time, at most MaxConcurrentGraphs. An error that
// is an *Error tells what to answer; any other means that the store of the samples failed.
type Grapher interface {
	Graph(ctx context.Context, q Question) (Answer, error)
}

// GrapherFunc is a function that is a Grapher.
type GrapherFunc func(ctx context.Context, q Question) (Answer, error)

// Graph calls f.
func (f GrapherFunc) Graph(ctx context.Context, q Question) (Answer, error) { return f(ctx, q) }

// Limits of the graph API.
const (
	// MaxWindow is the longest window that a graph is derived from.
	MaxWindow = 24 * time.Hour
	// MaxConcurrentGraphs is how many different questions are worked on at a time.
	MaxConcurrentGraphs = 4
	// MaxAnswerBytes is the size of the largest answer.
	MaxAnswerBytes = 32 << 20

	// graphTimeout is how long one answer is worked on.
	graphTimeout = 2 * time.Minute
	// answerTTL is how long an answer is given to those who ask the same.
	answerTTL = 10 * time.Second
	// maxKeptBytes is the memory for answers that are kept for that time.
	maxKeptBytes = 2 * MaxAnswerBytes
	// maxKept is the number of answers that are kept.
	maxKept = 64
)

// Outputs are the forms that a graph can be asked for in, the default first.
var Outputs = []string{"json", "dot", "mermaid", "table", "kiali"}
