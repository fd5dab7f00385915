package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

const (
	// schemaVersion is the version of stored queries that is read.
	schemaVersion = 1
	// maxQueryBytes is more than any query takes that a person has made.
	maxQueryBytes = 256 << 10
)

// posted is a query of the data source, as dashboards store it.
type posted struct {
	SchemaVersion *int           `json:"schemaVersion"`
	QueryType     string         `json:"queryType"`
	Level         string         `json:"level"`
	Namespaces    []string       `json:"namespaces"`
	Clusters      []string       `json:"clusters"`
	Focus         topology.Focus `json:"focus"`
	Protocols     []string       `json:"protocols"`
	ServiceNodes  bool           `json:"serviceNodes"`
	Idle          bool           `json:"idle"`
	Waypoints     bool           `json:"waypoints"`
	Filter        string         `json:"filter"`
	Highlight     string         `json:"highlight"`
	CompareOffset string         `json:"compareOffset"`
	Limit         int            `json:"limit"`

	// What a panel draws and how, and what queries of other types are for,
	// makes no difference to a graph as data.
	NodeStats, EdgeStats, ColorBy, Entity, Stats, Of, Layout json.RawMessage
}

// parsePosted reads a question that is posted: a query of the data source as the body, and what a dashboard has beside
// its queries (time, window) and the form of the answer as parameters.
func parsePosted(params url.Values, body io.Reader, now time.Time) (Question, error) {
	for name := range params {
		if !slices.Contains([]string{"output", "time", "window"}, name) {
			return Question{}, &ParameterError{Name: name, Err: errors.New("not beside a query that is posted (want output, time or window)")}
		}
	}
	q, err := ParseQuestion(params, now)
	if err != nil {
		return Question{}, err
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return Question{}, fmt.Errorf("the query cannot be read: %w", err)
	}
	var p posted
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); err != nil {
		return Question{}, fmt.Errorf("the query is not one of schema version %d: %s", schemaVersion, strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Question{}, errors.New("the query is followed by something else")
	}
	if err := p.into(&q); err != nil {
		return Question{}, err
	}
	return q, q.check(now)
}

// A fieldError is about one field of a query that is posted.
type fieldError struct {
	name string
	err  error
}

// Error names the field.
func (e *fieldError) Error() string { return fmt.Sprintf("field %q: %v", e.name, e.err) }

// Unwrap returns what is wrong.
func (e *fieldError) Unwrap() error { return e.err }

// into makes a question of the query. What is empty is as if it were not there.
func (p *posted) into(q *Question) error {
	if p.SchemaVersion != nil && *p.SchemaVersion != schemaVersion {
		return &fieldError{"schemaVersion", fmt.Errorf("unknown version %d (want %d)", *p.SchemaVersion, schemaVersion)}
	}
	for _, text := range []struct{ name, value, only string }{
		{"queryType", p.QueryType, "graph"}, {"highlight", p.Highlight, ""}, {"compareOffset", p.CompareOffset, ""},
	} {
		if text.value != "" && text.value != text.only {
			return &fieldError{text.name, fmt.Errorf("%q is not supported here", text.value)}
		}
	}
	if p.Focus != (topology.Focus{}) {
		if err := p.focus(q); err != nil {
			return &fieldError{"focus", err}
		}
	}
	q.ServiceNodes, q.Idle, q.Waypoints = p.ServiceNodes, p.Idle, p.Waypoints
	for _, field := range []struct {
		name   string
		values []string
		read   func(*Question, []string) error
	}{
		{"level", list(p.Level), parameters["level"]},
		{"namespaces", p.Namespaces, parameters["namespace"]},
		{"clusters", p.Clusters, parameters["cluster"]},
		{"protocols", p.Protocols, parameters["protocol"]},
		{"filter", list(strings.TrimSpace(p.Filter)), parameters["filter"]},
	} {
		if len(field.values) == 0 {
			continue
		}
		if err := field.read(q, field.values); err != nil {
			return &fieldError{field.name, err}
		}
	}
	if p.Limit < 0 || p.Limit > maxLimit {
		return &fieldError{"limit", fmt.Errorf("out of range: %d (want 1 to %d, or 0 for none)", p.Limit, maxLimit)}
	}
	q.Limit = p.Limit
	return nil
}

// focus takes over the query's focus, which may name a namespace or cluster alone.
func (p *posted) focus(q *Question) error {
	f := p.Focus
	switch {
	case f.Kind != "" && !slices.Contains(focusKinds, f.Kind):
		return fmt.Errorf("unknown kind %q", f.Kind)
	case f.Name == "" && f.Namespace == "" && f.Cluster == "":
		return errors.New("names nothing (want a name, a namespace or a cluster)")
	case f.Depth < 0 || f.Depth > maxDepth:
		return fmt.Errorf("too deep: %d (want 1 to %d)", f.Depth, maxDepth)
	}
	if f.Direction != "" {
		if _, err := topology.ParseDirection(string(f.Direction)); err != nil {
			return err
		}
	}
	q.Focus = &f
	return nil
}

// list is the value, if there is one.
func list(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}
