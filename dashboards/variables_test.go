package dashboards_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

// choice is what the variables of a dashboard are set to, as Grafana writes it
// into PromQL: a regular expression, in a string.
type choice struct {
	name               string
	cluster, namespace string
	one                map[string]string // of variables of which one value is chosen: that value
}

// choices are how the variables may be set. The dots are such that an
// expression would break if they were not escaped as Grafana does it.
var choices = []choice{
	{name: "all", cluster: ".*", namespace: ".*"},
	{name: "one namespace", cluster: ".*", namespace: "shop"},
	{name: "several namespaces", cluster: ".*", namespace: "(shop|bank)"},
	{name: "one cluster", cluster: `west\\.example`, namespace: ".*"},
	{name: "a namespace of a cluster", cluster: `(west\\.example|east)`, namespace: "shop"},
}

// choicesOf are those that are there on a dashboard.
func choicesOf(d dashboard) []choice {
	ones := map[string]bool{}
	for _, v := range d.Templating.List {
		ones[v.Name] = v.isOne()
	}
	switch {
	case ones["destination"]:
		return []choice{chosenEdge("calls", web, cart, "cart"), chosenEdge("connections", cart, stock, "stock")}
	case ones["workload"]:
		return []choice{chosenWorkload(cart)}
	case d.file == namespaceFile: // what crosses its border
		return []choice{chosenNamespace("shop")}
	}
	return choices
}

func chosenNamespace(namespace string) choice {
	return choice{name: namespace, cluster: ".*", one: map[string]string{"namespace": namespace}}
}

func chosenWorkload(p topology.Peer) choice {
	c := chosenNamespace(p.Namespace)
	c.name, c.cluster, c.one["workload"] = p.Workload, strings.ReplaceAll(p.Cluster, ".", `\\.`), p.Workload
	return c
}

// chosenEdge is the edge from a workload to what is called so, which is in the namespace and cluster of another.
func chosenEdge(name string, from, to topology.Peer, destination string) choice {
	return choice{name: name, cluster: ".*", namespace: ".*", one: map[string]string{
		"source_cluster": orUnknown(from.Cluster), "source_namespace": orUnknown(from.Namespace), "source_workload": orUnknown(from.Workload),
		"destination_cluster": orUnknown(to.Cluster), "destination_namespace": orUnknown(to.Namespace), "destination": destination,
	}}
}

// Windows that Grafana writes for its own variables. They are unlike all that
// is written in the expressions.
const (
	rateInterval = 61 * time.Second
	wholeRange   = 17 * time.Minute
)

// reference is how a variable stands in a text. What label_replace calls $1 is none.
var reference = regexp.MustCompile(`\$(\w+)|\$\{(\w+)(?:[.:][^}]*)?\}|\[\[(\w+)(?:[.:][^\]]*)?\]\]`)

// interpolate puts values in the place of variables. One that is not known is an error.
func interpolate(t testing.TB, text string, values map[string]string) string {
	t.Helper()
	return reference.ReplaceAllStringFunc(text, func(found string) string {
		name := strings.Join(reference.FindStringSubmatch(found)[1:], "")
		if name == "1" {
			return found
		}
		value, ok := values[name]
		require.True(t, ok, "%s is none of the variables %v", found, slices.Sorted(maps.Keys(values)))
		if strings.HasSuffix(found, ":doublequote}") {
			return `"` + strings.ReplaceAll(value, `"`, `\"`) + `"`
		}
		return value
	})
}

// values are those of PromQL, with windows such as Grafana has for a range.
func (c choice) values(rate, whole time.Duration) map[string]string {
	all := map[string]string{
		"cluster": c.cluster, "namespace": c.namespace, "job": ".*", "instance": ".*",
		"__rate_interval": model.Duration(rate).String(), "__range": model.Duration(whole).String(),
	}
	maps.Copy(all, c.one)
	return all
}

// promQL is an expression as Prometheus gets it.
func (c choice) promQL(t *testing.T, expr string) string {
	t.Helper()
	return interpolate(t, expr, c.values(rateInterval, wholeRange))
}

// Whatever is referred to in a dashboard is one of its variables, or of Grafana's.
func TestVariablesExist(t *testing.T) {
	for _, d := range dashboards(t) {
		known := map[string]string{"__rate_interval": "", "__range": ""}
		for _, v := range d.Templating.List {
			require.NotContains(t, known, v.Name, "%s has two variables of this name", d.file)
			interpolate(t, string(v.Query)+v.Definition+v.Datasource.UID, known) // of those before it alone
			known[v.Name] = ""
		}
		for _, p := range d.Panels {
			interpolate(t, p.Title+"\n"+p.Description+"\n"+p.Datasource.UID, known)
			for _, target := range p.Targets {
				interpolate(t, string(target.raw), known)
			}
		}
	}
}

// Where one value is chosen, it stands in PromQL as a text of its own, with quotes that it cannot leave: Grafana
// escapes the values of variables for regular expressions, or not at all.
func TestOneValueIsQuoted(t *testing.T) {
	for _, d := range dashboards(t) {
		var ones []string
		for _, v := range d.Templating.List {
			if v.isOne() {
				ones = append(ones, v.Name)
			}
		}
		check := func(expr string) {
			for _, found := range reference.FindAllStringSubmatch(expr, -1) {
				if name := strings.Join(found[1:], ""); slices.Contains(ones, name) {
					assert.Equal(t, "${"+name+":doublequote}", found[0], "%s: %s", d.file, expr)
				}
			}
		}
		for _, v := range d.Templating.List {
			check(v.Definition)
		}
		for _, p := range d.Panels {
			for _, target := range p.Targets {
				check(target.Expr)
			}
		}
	}
}

// customValues are the values of a variable that lists them as "label : value, …".
func customValues(listed string) (values []string) {
	for _, option := range strings.Split(listed, ",") {
		label, value, ok := strings.Cut(option, " : ")
		if !ok {
			value = label
		}
		values = append(values, strings.TrimSpace(value))
	}
	return values
}
