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
)

const (
	defaultLevel  = "workload"
	defaultWindow = 10 * time.Minute
	// maxNamespaces bounds what one question costs to compare and keep.
	maxNamespaces = 1000
)

// planned are the parameters of the graph API that this version does not serve.
var planned = []string{"focus", "filter", "limit"}

var parameters = map[string]func(q *Question, values []string) error{
	"level":     func(q *Question, values []string) error { return one(&q.Level, values) },
	"namespace": readNamespaces,
	"time":      readTime,
	"window":    readWindow,
	"output":    readOutput,
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
	if q.Time.After(now) {
		return Question{}, &ParameterError{Name: "time", Err: errors.New("in the future")}
	}
	return q, nil
}

func readParameter(q *Question, name string, values []string) error {
	if slices.Contains(planned, name) {
		return errors.New("not supported by this version yet")
	}
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

func readNamespaces(q *Question, values []string) error {
	if len(values) > maxNamespaces {
		return fmt.Errorf("too many values: %d (want %d at most)", len(values), maxNamespaces)
	}
	if slices.Contains(values, "") {
		return errors.New("an empty value (leave the parameter out for all namespaces)")
	}
	q.Namespaces = slices.Compact(slices.Sorted(slices.Values(values)))
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
	switch {
	case q.Output == "kiali":
		return fmt.Errorf("%q is not supported by this version yet", q.Output)
	case !slices.Contains(Outputs, q.Output):
		return fmt.Errorf("unknown form %q (want one of %s)", q.Output, strings.Join(Outputs, ", "))
	}
	return nil
}
