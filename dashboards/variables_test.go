package dashboards_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
)

// choice is what the variables of a dashboard are set to, as Grafana writes it
// into PromQL: a regular expression, in a string.
type choice struct {
	name               string
	cluster, namespace string
}

// choices are how the variables may be set. The dots are such that an
// expression would break if they were not escaped as Grafana does it.
var choices = []choice{
	{"all", ".*", ".*"},
	{"one namespace", ".*", "shop"},
	{"several namespaces", ".*", "(shop|bank)"},
	{"one cluster", `west\\.example`, ".*"},
	{"a namespace of a cluster", `(west\\.example|east)`, "shop"},
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
		return value
	})
}

// values are those of PromQL, with windows such as Grafana has for a range.
func (c choice) values(rate, whole time.Duration) map[string]string {
	return map[string]string{
		"cluster": c.cluster, "namespace": c.namespace,
		"__rate_interval": model.Duration(rate).String(), "__range": model.Duration(whole).String(),
	}
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
			interpolate(t, p.Title+p.Description+p.Datasource.UID, known)
			for _, target := range p.Targets {
				interpolate(t, string(target.raw), known)
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
