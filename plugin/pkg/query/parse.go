package query

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

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
		into := &q
		if !f.says(q.Type) {
			into = new(q) // its form is checked, and it is forgotten
		}
		if err := f.read(into, value); err != nil {
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
	of   []Type // that it says something in; none is all
	read func(*Query, json.RawMessage) error
}

// says tells that the field says something in a query of type t. Who tries the
// types in an editor leaves the fields of one behind in the other.
func (f field) says(t Type) bool { return len(f.of) == 0 || slices.Contains(f.of, t) }

// What the fields that not all types have are of.
var (
	ofGraph     = []Type{TypeGraph}
	ofPlaces    = []Type{TypeGraph, TypeEdges, TypeNodes, TypeTraffic, TypeChanges}
	ofLevels    = append(slices.Clone(ofPlaces), TypeHealth)
	ofIdle      = append(slices.Clone(ofPlaces), TypeValues)
	ofCompared  = []Type{TypeGraph, TypeEdges, TypeNodes}
	ofNodeStats = []Type{TypeGraph, TypeNodes}
	ofEdgeStats = []Type{TypeGraph, TypeEdges}
	ofEntities  = []Type{TypeHealth, TypeTraffic}
)

// fields are the fields of a stored query, in the order of the documentation.
// The type comes before those whose form hangs on it.
var fields = []field{
	{"schemaVersion", nil, readVersion},
	{"queryType", nil, readType},
	{"entity", ofEntities, func(q *Query, raw json.RawMessage) error { return readOne(&q.Entity, raw, Entities) }},
	{"level", ofLevels, readLevel},
	{"namespaces", nil, func(q *Query, raw json.RawMessage) error { return readNames(&q.Namespaces, raw) }},
	{"clusters", nil, func(q *Query, raw json.RawMessage) error { return readNames(&q.Clusters, raw) }},
	{"focus", nil, readFocus},
	{"protocols", nil, readProtocols},
	{"serviceNodes", ofPlaces, func(q *Query, raw json.RawMessage) error { return readBool(&q.ServiceNodes, raw) }},
	{"idle", ofIdle, func(q *Query, raw json.RawMessage) error { return readBool(&q.Idle, raw) }},
	{"waypoints", nil, func(q *Query, raw json.RawMessage) error { return readBool(&q.Waypoints, raw) }},
	{"filter", nil, func(q *Query, raw json.RawMessage) error { return readFilter(&q.Filter, raw) }},
	{"highlight", ofGraph, func(q *Query, raw json.RawMessage) error { return readFilter(&q.Highlight, raw) }},
	{"nodeStats", ofNodeStats, func(q *Query, raw json.RawMessage) error { return readShown(q.Type, &q.NodeStats, raw) }},
	{"edgeStats", ofEdgeStats, func(q *Query, raw json.RawMessage) error { return readShown(q.Type, &q.EdgeStats, raw) }},
	{"compareOffset", ofCompared, readOffset},
	{"colorBy", ofGraph, readColorBy},
	{"stats", []Type{TypeTraffic}, func(q *Query, raw json.RawMessage) error { return readStats(&q.Stats, raw) }},
	{"of", []Type{TypeValues}, func(q *Query, raw json.RawMessage) error { return readOne(&q.Of, raw, Ofs) }},
	{"limit", nil, readLimit},
	{"layout", ofGraph, func(q *Query, raw json.RawMessage) error { return readOne(&q.Layout, raw, Layouts) }},
}

func readVersion(_ *Query, raw json.RawMessage) error {
	version, err := decode[int](raw, "a number")
	if err == nil && version != SchemaVersion {
		return fmt.Errorf("is not known to this version, which reads %d", SchemaVersion)
	}
	return err
}

// readType begins anew, with what is the default in queries of the type.
func readType(q *Query, raw json.RawMessage) error {
	t := q.Type
	if err := readOne(&t, raw, Types); err != nil {
		return err
	}
	*q = DefaultOf(t)
	return nil
}

// readLevel refuses the levels that nobody publishes verdicts of where
// verdicts are asked for.
func readLevel(q *Query, raw json.RawMessage) error {
	if err := readOne(&q.Level, raw, topology.Levels); err != nil || q.Type != TypeHealth {
		return err
	}
	switch {
	case q.Entity == EntityEdge && q.Level != topology.ByWorkload:
		return errors.New("has no verdicts of edges: only those between workloads are judged, allowed is workload")
	case q.Level == topology.ByVersionedApp:
		return errors.New("has no verdicts of its own: a version is as well as its workloads, ask for those; allowed are workload, app, service, namespace")
	case q.Level == topology.ByCluster:
		return errors.New("has no verdicts of its own: a cluster is as well as its namespaces, ask for those; allowed are workload, app, service, namespace")
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
	*into = list
	return nil
}

// readShown reads the stats of nodes or edges. A graph has room for two; a
// table has as many columns as are asked for.
func readShown(t Type, into *[]Stat, raw json.RawMessage) error {
	list := *into
	if err := readStats(&list, raw); err != nil {
		return err
	}
	if t == TypeGraph && len(list) > maxStats {
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

// readOffset reads a duration as Prometheus writes it. What a graph is coloured
// by is then its changes, unless something else is asked for.
func readOffset(q *Query, raw json.RawMessage) error {
	text, err := decode[string](raw, "a duration such as 1h or 7d")
	if err != nil || text == "" {
		return err
	}
	d, err := model.ParseDuration(text)
	if err != nil {
		return errors.New("is not a duration such as 1h or 7d")
	}
	if q.CompareOffset = time.Duration(d); q.Compares() && q.Type == TypeGraph {
		q.ColorBy = ByChange
	}
	return nil
}

// readColorBy lets colours tell of changes only where something is compared: a
// dashboard may have a variable for that.
func readColorBy(q *Query, raw json.RawMessage) error {
	by := q.ColorBy
	if err := readOne(&by, raw, ColorBys); err != nil {
		return err
	}
	if by == ByChange && !q.Compares() {
		q.Remarks = append(q.Remarks, "Colours cannot tell of changes, for the query compares with nothing (compareOffset): they tell outcomes instead.")
		by = ByOutcome
	}
	q.ColorBy = by
	return nil
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
