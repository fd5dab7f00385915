package kube

import (
	"cmp"
	"slices"
	"strings"

	analysis "istio.io/api/analysis/v1alpha1"
	istiometa "istio.io/api/meta/v1alpha1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Status is one thing that a controller says of an object of Istio or of the
// Gateway API: a condition that holds or does not, or a fault that validation
// has found.
type Status struct {
	Cluster, Kind, Namespace, Name string
	// Condition is its type, such as Accepted, or the validation's code, such as IST0101.
	Condition string
	// Holds tells that the condition does. Of what validation has found, it always does.
	Holds bool
	// Validation tells what validation has found from conditions.
	Validation bool
	// Message is what the controller says beside it, or where to read about the code.
	Message string
}

func (s Status) compare(o Status) int {
	return cmp.Or(
		strings.Compare(s.Cluster, o.Cluster), strings.Compare(s.Kind, o.Kind),
		strings.Compare(s.Namespace, o.Namespace), strings.Compare(s.Name, o.Name),
		strings.Compare(s.Condition, o.Condition),
	)
}

// condition is a Status without the object that has it.
type condition struct {
	name              string
	holds, validation bool
	message           string
}

// conditions are those of an object, sorted, each once.
type conditions []condition

func (c conditions) all() conditions { return c }

// bad are conditions that it is good not to have.
var bad = []string{"Conflicted", "OverlappingTLSConfig", "PartiallyInvalid", "UnsupportedValue"}

// merged has each condition once. What a controller says of several parts of
// an object, such as a route's parents, holds of the object if it holds of all
// parts; what it is good not to have, if it holds of one.
func merged(all conditions) conditions {
	slices.SortStableFunc(all, func(a, b condition) int { return strings.Compare(a.name, b.name) })
	var once conditions
	for _, c := range all {
		last := len(once) - 1
		switch {
		case last < 0 || once[last].name != c.name:
			once = append(once, c)
		case once[last].holds != c.holds && c.holds == slices.Contains(bad, c.name):
			once[last] = c
		}
	}
	return once
}

// istioConditions are the conditions and validation messages of an object of Istio.
func istioConditions(s interface {
	GetConditions() []*istiometa.IstioCondition
	GetValidationMessages() []*analysis.AnalysisMessageBase
},
) conditions {
	var all conditions
	for _, c := range s.GetConditions() {
		if c.Status == "True" || c.Status == "False" {
			all = append(all, condition{name: c.Type, holds: c.Status == "True", message: c.Message})
		}
	}
	for _, m := range s.GetValidationMessages() {
		if code := m.GetType().GetCode(); code != "" {
			all = append(all, condition{name: code, holds: true, validation: true, message: messageOf(m)})
		}
	}
	return merged(all)
}

func messageOf(m *analysis.AnalysisMessageBase) string {
	return strings.TrimSpace(m.GetType().GetName() + " " + m.GetDocumentationUrl())
}

// apiConditions are the conditions of a part of an object of the Gateway API.
// What no controller has judged is left out.
func apiConditions(from []metav1.Condition) conditions {
	var all conditions
	for _, c := range from {
		if c.Status != metav1.ConditionUnknown {
			all = append(all, condition{name: c.Type, holds: c.Status == metav1.ConditionTrue, message: c.Message})
		}
	}
	return all
}

// statuses are what controllers say of a cluster's objects.
func (c *contents) statuses() []Status {
	var all []Status
	for _, r := range resources {
		for _, record := range c.records[r] {
			judged, ok := record.fact.(interface{ all() conditions })
			if !ok {
				break // no fact of the resource is
			}
			for _, j := range judged.all() {
				all = append(all, Status{
					Cluster: c.cluster, Kind: r.kind, Namespace: record.Namespace, Name: record.Name,
					Condition: j.name, Holds: j.holds, Validation: j.validation, Message: j.message,
				})
			}
		}
	}
	return all
}
