package kube

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// fact is what is kept of an object: what a graph or a series tells of it, and
// nothing else. Facts are compared by reflect.DeepEqual, and not changed.
type fact any

// record is a fact under the name of its object. It has as much of an object's
// metadata as an informer takes to store it.
type record struct {
	metav1.ObjectMeta
	fact fact
}

// newRecord keeps what is used of an object, which is spent by that.
func newRecord(r *resource, o runtime.Object) *record {
	meta := o.(metav1.Object) // all resources have metadata
	return &record{
		ObjectMeta: metav1.ObjectMeta{Name: meta.GetName(), Namespace: meta.GetNamespace(), ResourceVersion: meta.GetResourceVersion()},
		fact:       r.keep(o),
	}
}

func (r *record) at() name { return name{r.Namespace, r.Name} }

// name is an object's, or that of what it speaks of, in one cluster.
type name struct{ namespace, name string }

func (n name) compare(o name) int {
	if c := strings.Compare(n.namespace, o.namespace); c != 0 {
		return c
	}
	return strings.Compare(n.name, o.name)
}

// contents are the facts of one cluster at one moment.
type contents struct {
	cluster string
	records map[*resource][]*record
	// known tells that all objects of these resources in a namespace are among the records.
	known func(namespace string, of ...*resource) bool
}

// each calls do with the facts of a resource, in the order of their names.
func each[F fact](c *contents, r *resource, do func(name, F)) {
	records := slices.Clone(c.records[r])
	slices.SortFunc(records, func(a, b *record) int { return a.at().compare(b.at()) })
	for _, record := range records {
		do(record.at(), record.fact.(F))
	}
}
