package web

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/meshscope/meshscope/exporter/filter"
	"github.com/meshscope/meshscope/exporter/topology"
)

const (
	// maxDepth is more calls in a row than meshes have.
	maxDepth = 100
	// maxLimit bounds nothing that an answer's size does not bound before.
	maxLimit = 1_000_000
)

func readFilter(q *Question, values []string) error {
	var text string
	if err := one(&text, values); err != nil {
		return err
	}
	program, err := filter.Compile(text)
	q.Filter = program
	return err
}

func readLimit(q *Question, values []string) error { return readNumber(&q.Limit, values, maxLimit) }

func readNumber(to *int, values []string, most int) error {
	var text string
	if err := one(&text, values); err != nil {
		return err
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return fmt.Errorf("not a number of nodes or calls: %q (want 1 to %d)", text, most)
	}
	*to = n
	return nil
}

// focusKinds are the kinds that a focus can begin with.
var focusKinds = []topology.Kind{
	topology.KindWorkload, topology.KindApp, topology.KindService, topology.KindNamespace, topology.KindCluster, topology.KindUnknown,
}

// focus is that of the question, made where there is none: its parameters come in the order of their names.
func (q *Question) focus() *topology.Focus {
	if q.Focus == nil {
		q.Focus = new(topology.Focus)
	}
	return q.Focus
}

// readFocus reads [kind:][[cluster/]namespace/]name.
func readFocus(q *Question, values []string) error {
	var text string
	if err := one(&text, values); err != nil {
		return err
	}
	f := q.focus()
	if kind, rest, ok := strings.Cut(text, ":"); ok && slices.Contains(focusKinds, topology.Kind(kind)) {
		f.Kind, text = topology.Kind(kind), rest
	}
	parts := strings.Split(text, "/")
	if len(parts) > 3 || slices.Contains(parts, "") {
		return fmt.Errorf("not a node: %q (want [kind:][[cluster/]namespace/]name)", values[0])
	}
	slices.Reverse(parts)
	for i, to := range []*string{&f.Name, &f.Namespace, &f.Cluster}[:len(parts)] {
		*to = parts[i]
	}
	return nil
}

func readDepth(q *Question, values []string) error {
	return readNumber(&q.focus().Depth, values, maxDepth)
}

func readDirection(q *Question, values []string) error {
	var text string
	if err := one(&text, values); err != nil {
		return err
	}
	direction, err := topology.ParseDirection(text)
	q.focus().Direction = direction
	return err
}

// settleFocus refuses what is said of a focus that is not there.
func (q *Question) settleFocus() error {
	if q.Focus == nil || q.Focus.Name != "" {
		return nil
	}
	name := "direction"
	if q.Focus.Depth > 0 {
		name = "depth"
	}
	return &ParameterError{Name: name, Err: errors.New("is of a focus, and there is none")}
}

// partKey is the same for questions that want the same part of a graph.
func (q Question) partKey() string {
	text := ""
	if q.Filter != nil {
		text = q.Filter.String()
	}
	key := fmt.Sprintf("%d %q", q.Limit, text)
	if f := q.Focus; f != nil {
		key += fmt.Sprintf(" %q %q %q %q %q %d %q", f.Kind, f.Cluster, f.Namespace, f.Name, f.Version, f.Depth, f.Direction)
	}
	return key
}
