package query

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Parse reads a stored query. Explore sends as good as nothing: what is absent
// or null has its default. The error joins all that is wrong.
func Parse(raw json.RawMessage) (Query, error) {
	stored := map[string]json.RawMessage{}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &stored); err != nil {
			return Query{}, errors.New("the query is not a JSON object")
		}
	}
	q := Default()
	var problems []error
	for _, f := range fields {
		value, ok := stored[f.name]
		if !ok || string(value) == "null" {
			continue
		}
		if err := f.read(&q, value); err != nil {
			problems = append(problems, &FieldError{Field: f.name, Value: brief(value), Problem: err.Error()})
		}
	}
	remarks, misspelt := unknown(stored)
	q.Remarks = append(q.Remarks, remarks...)
	if err := errors.Join(append(problems, misspelt...)...); err != nil {
		return Query{}, err
	}
	return q, nil
}

// field is one field of a stored query and how it is read into a Query.
type field struct {
	name string
	read func(*Query, json.RawMessage) error
}

// fields are the fields of a stored query, in the order of the documentation.
var fields = []field{
	{"schemaVersion", readVersion},
	{"queryType", readType},
	{"level", func(q *Query, raw json.RawMessage) error { return readOne(&q.Level, raw, topology.Levels) }},
	{"namespaces", func(q *Query, raw json.RawMessage) error { return readNames(&q.Namespaces, raw) }},
	{"clusters", func(q *Query, raw json.RawMessage) error { return readNames(&q.Clusters, raw) }},
	{"focus", readFocus},
	{"protocols", readProtocols},
	{"serviceNodes", refuseTrue},
	{"idle", func(q *Query, raw json.RawMessage) error { return readBool(&q.Idle, raw) }},
	{"waypoints", func(q *Query, raw json.RawMessage) error { return readBool(&q.Waypoints, raw) }},
	{"filter", func(q *Query, raw json.RawMessage) error { return readFilter(&q.Filter, raw) }},
	{"highlight", func(q *Query, raw json.RawMessage) error { return readFilter(&q.Highlight, raw) }},
	{"nodeStats", func(q *Query, raw json.RawMessage) error { return readStats(&q.NodeStats, raw) }},
	{"edgeStats", func(q *Query, raw json.RawMessage) error { return readStats(&q.EdgeStats, raw) }},
	{"colorBy", func(q *Query, raw json.RawMessage) error { return readOne(&q.ColorBy, raw, ColorBys) }},
	{"entity", ofOtherTypes},
	{"stats", ofOtherTypes},
	{"of", ofOtherTypes},
	{"compareOffset", readOffset},
	{"limit", readLimit},
	{"layout", refuseText("panel")},
}

func readVersion(_ *Query, raw json.RawMessage) error {
	version, err := decode[int](raw, "a number")
	if err == nil && version != SchemaVersion {
		return fmt.Errorf("is not known to this version, which reads %d", SchemaVersion)
	}
	return err
}

func readType(_ *Query, raw json.RawMessage) error {
	t := TypeGraph
	if err := readOne(&t, raw, Types); err != nil {
		return err
	}
	if t != TypeGraph {
		return errNotYet
	}
	return nil
}

func readProtocols(q *Query, raw json.RawMessage) error {
	list, err := decode[[]topology.Protocol](raw, "a list of protocols")
	if err != nil || len(list) == 0 {
		return err
	}
	if err := allowed(list, protocols); err != nil {
		return err
	}
	q.Protocols = list
	return nil
}

func readStats(into *[]Stat, raw json.RawMessage) error {
	list, err := decode[[]Stat](raw, "a list of stats")
	if err != nil || len(list) == 0 {
		return err
	}
	if err := allowed(list, Stats); err != nil {
		return err
	}
	if len(list) > maxStats {
		return fmt.Errorf("are too many: the panel shows %d", maxStats)
	}
	*into = list
	return nil
}

func readNames(into *[]string, raw json.RawMessage) error {
	list, err := decode[[]string](raw, "a list of names or globs")
	if err == nil && slices.Contains(list, "") {
		return errors.New("holds an empty name")
	}
	if err == nil {
		*into = list
	}
	return err
}

func readBool(into *bool, raw json.RawMessage) error {
	value, err := decode[bool](raw, "true or false")
	if err == nil {
		*into = value
	}
	return err
}

func readLimit(q *Query, raw json.RawMessage) error {
	n, err := decode[int](raw, "a whole number")
	if err != nil || n == 0 {
		return err
	}
	if n < 1 || n > MaxLimit {
		return fmt.Errorf("is out of range, want 1 to %d", MaxLimit)
	}
	q.Limit = n
	return nil
}

func readOffset(_ *Query, raw json.RawMessage) error {
	text, err := decode[string](raw, "a duration such as 1h")
	if err != nil || text == "" {
		return err
	}
	if d, err := time.ParseDuration(text); err == nil && d == 0 {
		return nil
	}
	return errNotYet
}

// readOne reads one of a few names; the empty one is the default.
func readOne[T ~string](into *T, raw json.RawMessage, all []T) error {
	value, err := decode[T](raw, "a text")
	if err != nil || value == "" {
		return err
	}
	if err := allowed([]T{value}, all); err != nil {
		return err
	}
	*into = value
	return nil
}

func allowed[T ~string](list, all []T) error {
	for i, value := range list {
		if !slices.Contains(all, value) {
			return fmt.Errorf("is not allowed, allowed are %s", join(all))
		}
		if slices.Contains(list[:i], value) {
			return errors.New("names one twice")
		}
	}
	return nil
}

func join[T ~string](all []T) string {
	names := make([]string, len(all))
	for i, name := range all {
		names[i] = string(name)
	}
	return strings.Join(names, ", ")
}

func decode[T any](raw json.RawMessage, want string) (T, error) {
	var value T
	if err := json.Unmarshal(raw, &value); err != nil {
		return value, fmt.Errorf("is not %s", want)
	}
	return value, nil
}
