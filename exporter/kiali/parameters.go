package kiali

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/meshscope/meshscope/exporter/topology"
)

// MaxDuration is the longest time that a graph is of.
const MaxDuration = 24 * time.Hour

// maxNamespaces bounds what one question costs to compare and keep.
const maxNamespaces = 1000

// ParameterError tells what is wrong with a parameter.
type ParameterError struct {
	Name string
	Err  error // what was found, and what is wanted
}

// Error names the parameter.
func (e *ParameterError) Error() string { return fmt.Sprintf("parameter %q: %v", e.Name, e.Err) }

// Unwrap returns what is wrong.
func (e *ParameterError) Unwrap() error { return e.Err }

// parameters are all that the API has, with how they are read. Each is given
// its only value.
var parameters = map[string]func(q *Question, text string) error{
	"ambientTraffic":     readAmbient,
	"aggregate":          readAggregate,
	"appenders":          readAppenders,
	"boxBy":              readBoxes,
	"clusterName":        readCluster,
	"configVendor":       only("common"),
	"duration":           readDuration,
	"graphType":          readGraphType,
	"includeIdleEdges":   flag(func(q *Question) *bool { return &q.IdleEdges }),
	"injectServiceNodes": flag(func(q *Question) *bool { return &q.ServiceNodes }),
	"namespaces":         readNamespaces,
	"queryTime":          readTime,
	"rateGrpc":           rate(func(q *Question) *Rate { return &q.Rates.GRPC }, RateNone, RateReceived, RateRequests, RateSent, RateTotal),
	"rateHttp":           rate(func(q *Question) *Rate { return &q.Rates.HTTP }, RateNone, RateRequests),
	"rateTcp":            rate(func(q *Question) *Rate { return &q.Rates.TCP }, RateNone, RateReceived, RateSent, RateTotal),
	"refreshInterval":    readRefreshInterval,
	"responseTime":       readResponseTime,
	"telemetryVendor":    only("istio"),
	"throughputType":     readThroughput,
	"waypoints":          flag(func(q *Question) *bool { return &q.Waypoints }),
}

// Default is the question without parameters.
func Default() Question {
	return Question{
		Level:     topology.ByWorkload,
		Duration:  10 * time.Minute,
		Appenders: allAppenders(),
		Waypoints: true,
		Ambient:   AmbientTotal,
		Rates:     Rates{HTTP: RateRequests, GRPC: RateRequests, TCP: RateSent},
		Quantile:  0.95,
		Aggregate: "request_operation",
	}
}

// Parse reads a question: path is what follows Root, escaped as it came. An
// error is ErrNoPath, or about the first bad parameter, a *ParameterError.
func Parse(path string, params url.Values, now time.Time) (Question, error) {
	q := Default()
	node, err := parsePath(path)
	if err != nil {
		return Question{}, err
	}
	if q.Node = node; node != nil {
		q.Namespaces = []string{node.Namespace}
	}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		read, ok := parameters[name]
		switch {
		case !ok:
			err = fmt.Errorf("no such parameter (want one of %s)", strings.Join(slices.Sorted(maps.Keys(parameters)), ", "))
		case len(params[name]) != 1:
			err = errors.New("want one value")
		default:
			err = read(&q, params[name][0])
		}
		if err != nil {
			return Question{}, &ParameterError{name, err}
		}
	}
	if err := q.check(now); err != nil {
		return Question{}, err
	}
	return q, nil
}

// check refuses what does not go together, as Kiali does.
func (q *Question) check(now time.Time) error {
	switch {
	case len(q.Namespaces) == 0:
		return &ParameterError{"namespaces", errors.New("want one or more, separated by commas")}
	case q.Time.After(now):
		return &ParameterError{"queryTime", errors.New("in the future")}
	case q.Node == nil:
		return nil
	case q.Level == topology.ByService:
		return &ParameterError{"graphType", errors.New("the graph of a node cannot be one of services (want app, versionedApp or workload)")}
	case q.Node.Kind == topology.KindApp && q.Level == topology.ByWorkload:
		return &ParameterError{"graphType", errors.New("the graph of an app must be of apps (want app or versionedApp)")}
	case q.Node.Kind == topology.KindOperation:
		q.Aggregate = q.Node.Label
		q.Appenders.AggregateNode = true // or there would be no such node
	}
	return nil
}

// oneOf reads one of the given values.
func oneOf[T ~string](text string, values ...T) (T, error) {
	if slices.Contains(values, T(text)) {
		return T(text), nil
	}
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = string(v)
	}
	return "", fmt.Errorf("unknown value %q (want one of %s)", text, strings.Join(names, ", "))
}

func only(value string) func(*Question, string) error {
	return func(_ *Question, text string) error {
		_, err := oneOf(text, value)
		return err
	}
}

func flag(of func(*Question) *bool) func(*Question, string) error {
	return func(q *Question, text string) error {
		on, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("not a boolean: %q (want true or false)", text)
		}
		*of(q) = on
		return nil
	}
}

func rate(of func(*Question) *Rate, values ...Rate) func(*Question, string) error {
	return func(q *Question, text string) (err error) {
		*of(q), err = oneOf(text, values...)
		return err
	}
}

func readAmbient(q *Question, text string) (err error) {
	q.Ambient, err = oneOf(text, AmbientTotal, AmbientWaypoint, AmbientZtunnel, AmbientNone)
	return err
}

func readAggregate(q *Question, text string) error {
	if !isLabelName(text) {
		return fmt.Errorf("not a label: %q (want e.g. request_operation)", text)
	}
	q.Aggregate = text
	return nil
}

func isLabelName(text string) bool {
	for i, c := range []byte(text) {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return text != ""
}

func readBoxes(q *Question, text string) error {
	q.Boxes = Boxes{}
	for _, by := range list(text) {
		switch by {
		case "app":
			q.Boxes.App = true
		case "cluster":
			q.Boxes.Cluster = true
		case "namespace":
			q.Boxes.Namespace = true
		default:
			return fmt.Errorf("unknown box %q (want some of app, cluster, namespace)", by)
		}
	}
	return nil
}

func readCluster(q *Question, text string) error {
	if q.Node == nil {
		return errors.New("only the graph of a node can be of one cluster")
	}
	q.Node.Cluster = text
	return nil
}

func readDuration(q *Question, text string) error {
	d, err := model.ParseDuration(text)
	switch {
	case err != nil:
		return fmt.Errorf("not a duration: %q (want e.g. 10m)", text)
	case d <= 0:
		return errors.New("must be more than 0")
	case time.Duration(d) > MaxDuration:
		return fmt.Errorf("too long: %s (want at most %s)", d, model.Duration(MaxDuration))
	case time.Duration(d)%time.Second != 0:
		return fmt.Errorf("not whole seconds: %s", d)
	}
	q.Duration = time.Duration(d)
	return nil
}

func readGraphType(q *Question, text string) (err error) {
	q.Level, err = oneOf(text, topology.ByApp, topology.ByService, topology.ByVersionedApp, topology.ByWorkload)
	return err
}

func readNamespaces(q *Question, text string) error {
	if q.Node != nil {
		return errors.New("the graph of a node has its namespace in its path")
	}
	names := list(text)
	if len(names) > maxNamespaces {
		return fmt.Errorf("too many: %d (want %d at most)", len(names), maxNamespaces)
	}
	for _, name := range names {
		if strings.ContainsAny(name, "*?") {
			return fmt.Errorf("not a namespace: %q (want names, not globs)", name)
		}
	}
	slices.Sort(names)
	q.Namespaces = slices.Compact(names)
	return nil
}

func readTime(q *Question, text string) error {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds <= 0 || seconds > math.MaxInt32*1000 {
		return fmt.Errorf("not a time: %q (want Unix seconds)", text)
	}
	q.Time = time.Unix(seconds, 0).UTC()
	return nil
}

// readRefreshInterval reads how old an answer may be. All are younger than the
// least that may be said, but for none at all.
func readRefreshInterval(q *Question, text string) error {
	const least, most = 10_000, 900_000
	ms, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return fmt.Errorf("not a number: %q (want milliseconds)", text)
	case ms > 0 && (ms < least || ms > most):
		return fmt.Errorf("out of range: %d (want %d to %d milliseconds, or 0 for a new answer)", ms, least, most)
	}
	q.Fresh = ms <= 0
	return nil
}

func readResponseTime(q *Question, text string) error {
	quantiles := map[string]float64{"avg": 0, "50": 0.5, "95": 0.95, "99": 0.99}
	quantile, ok := quantiles[text]
	if !ok {
		return fmt.Errorf("unknown value %q (want one of 50, 95, 99, avg)", text)
	}
	q.Quantile = quantile
	return nil
}

func readThroughput(q *Question, text string) error {
	value, err := oneOf(text, "request", "response")
	q.RequestThroughput = value == "request"
	return err
}

// list reads values that are separated by commas; empty ones do not count.
func list(text string) []string {
	var values []string
	for _, v := range strings.Split(text, ",") {
		if v = strings.TrimSpace(v); v != "" {
			values = append(values, v)
		}
	}
	return values
}
