package web

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

const (
	defaultLevel  = "workload"
	defaultWindow = 10 * time.Minute
	// maxNames bounds what one question costs to compare and keep.
	maxNames = 1000
)

var parameters = map[string]func(q *Question, values []string) error{
	"level":         func(q *Question, values []string) error { return one(&q.Level, values) },
	"namespace":     func(q *Question, values []string) error { return readNames(&q.Namespaces, values, "namespaces") },
	"cluster":       func(q *Question, values []string) error { return readNames(&q.Clusters, values, "clusters") },
	"protocol":      readProtocols,
	"service-nodes": func(q *Question, values []string) error { return readFlag(&q.ServiceNodes, values) },
	"idle":          func(q *Question, values []string) error { return readFlag(&q.Idle, values) },
	"waypoints":     func(q *Question, values []string) error { return readFlag(&q.Waypoints, values) },
	"focus":         readFocus,
	"depth":         readDepth,
	"direction":     readDirection,
	"filter":        readFilter,
	"limit":         readLimit,
	"time":          readTime,
	"window":        readWindow,
	"output":        readOutput,
}

// A ParameterError tells what is wrong with a parameter of a question.
type ParameterError struct {
	// Name is the parameter's.
	Name string
	// Err says what was found and what is allowed.
	Err error
}

// Error names the parameter.
func (e *ParameterError) Error() string { return fmt.Sprintf("parameter %q: %v", e.Name, e.Err) }

// Unwrap returns what is wrong.
func (e *ParameterError) Unwrap() error { return e.Err }

// ParseQuestion reads the parameters of a question, which are those of the graph API and the flags of the command
// alike. Without a time, that of the question is zero. An error is a *ParameterError, about the first bad parameter.
func ParseQuestion(params url.Values, now time.Time) (Question, error) {
	q := Question{Level: defaultLevel, Window: defaultWindow, Output: Outputs[0]}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if err := readParameter(&q, name, params[name]); err != nil {
			return Question{}, &ParameterError{Name: name, Err: err}
		}
	}
	if err := q.settleFocus(); err != nil {
		return Question{}, err
	}
	return q, q.check(now)
}

// check refuses what does not go together.
func (q *Question) check(now time.Time) error {
	if q.Output == "kiali" && (q.Level == string(topology.ByNamespace) || q.Level == string(topology.ByCluster)) {
		return &ParameterError{Name: "level", Err: fmt.Errorf("no graph of %ss in Kiali's form (want workload, app, versionedApp or service)", q.Level)}
	}
	if q.Time.After(now) {
		return &ParameterError{Name: "time", Err: errors.New("in the future")}
	}
	return nil
}

func readParameter(q *Question, name string, values []string) error {
	read, ok := parameters[name]
	if !ok {
		known := slices.Sorted(maps.Keys(parameters))
		return fmt.Errorf("no such parameter (want one of %s)", strings.Join(known, ", "))
	}
	return read(q, values)
}

// one stores the only value of a parameter.
func one(to *string, values []string) error {
	if len(values) != 1 || values[0] == "" {
		return errors.New("want one value")
	}
	*to = values[0]
	return nil
}

// readNames reads names or globs; each counts once.
func readNames(to *[]string, values []string, what string) error {
	if len(values) > maxNames {
		return fmt.Errorf("too many values: %d (want %d at most)", len(values), maxNames)
	}
	if slices.Contains(values, "") {
		return fmt.Errorf("an empty value (leave the parameter out for all %s)", what)
	}
	*to = slices.Compact(slices.Sorted(slices.Values(values)))
	return nil
}

// protocols are those that can be asked for.
var protocols = []string{string(topology.HTTP), string(topology.GRPC), string(topology.TCP)}

func readProtocols(q *Question, values []string) error {
	q.Protocols = nil
	for _, name := range slices.Compact(slices.Sorted(slices.Values(values))) {
		if !slices.Contains(protocols, name) {
			return fmt.Errorf("unknown protocol %q (want some of %s)", name, strings.Join(protocols, ", "))
		}
		q.Protocols = append(q.Protocols, topology.Protocol(name))
	}
	return nil
}

func readFlag(to *bool, values []string) error {
	var text string
	if err := one(&text, values); err != nil {
		return err
	}
	on, err := strconv.ParseBool(text)
	if err != nil {
		return fmt.Errorf("not a boolean: %q (want true or false)", text)
	}
	*to = on
	return nil
}

func readTime(q *Question, values []string) error {
	var text string
	if err := one(&text, values); err != nil {
		return err
	}
	t, err := ParseTime(text)
	q.Time = t
	return err
}

// ParseTime reads a time as the Prometheus API does: Unix seconds, with or without decimals, or RFC 3339.
func ParseTime(text string) (time.Time, error) {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds > 0 && seconds < math.MaxInt32*1000 {
		return time.UnixMilli(int64(math.Round(seconds * 1000))).UTC(), nil
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil && t.Unix() > 0 {
		return t.UTC(), nil
	}
	return time.Time{}, fmt.Errorf("not a time: %q (want Unix seconds or RFC 3339, e.g. 2026-01-02T15:04:05Z)", text)
}

func readWindow(q *Question, values []string) error {
	var text string
	if err := one(&text, values); err != nil {
		return err
	}
	window, err := ParseWindow(text)
	q.Window = window
	return err
}

// ParseWindow reads the window of a graph: a Prometheus duration of more than 0 and at most MaxWindow.
func ParseWindow(text string) (time.Duration, error) {
	d, err := model.ParseDuration(text)
	window := time.Duration(d)
	switch {
	case err != nil:
		return 0, fmt.Errorf("not a duration: %q (want e.g. 10m)", text)
	case window <= 0:
		return 0, errors.New("must be more than 0")
	case window > MaxWindow:
		return 0, fmt.Errorf("too long: %s (want at most %s)", d, model.Duration(MaxWindow))
	}
	return window, nil
}

func readOutput(q *Question, values []string) error {
	if err := one(&q.Output, values); err != nil {
		return err
	}
	if !slices.Contains(Outputs, q.Output) {
		return fmt.Errorf("unknown form %q (want one of %s)", q.Output, strings.Join(Outputs, ", "))
	}
	return nil
}
