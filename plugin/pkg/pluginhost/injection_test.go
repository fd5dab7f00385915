package pluginhost_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
)

// echo is a store in which there is one edge, between names of a test's choice,
// whatever is asked; it notes what that was.
type echo struct {
	url string

	mu    sync.Mutex
	names map[string]string
	asked []string
	// tooLarge refuses to answer for the whole mesh, as stores do that would have
	// to read too much: then it is asked by namespaces.
	tooLarge bool
}

func newEcho(t testing.TB) *echo {
	t.Helper()
	e := &echo{}
	server := httptest.NewServer(http.HandlerFunc(e.serve))
	t.Cleanup(server.Close)
	e.url = server.URL
	return e
}

// begin lets all labels that name something end in a name.
func (e *echo) begin(name string, tooLarge bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked, e.tooLarge = nil, tooLarge
	e.names = map[string]string{
		"request_protocol": "http", "response_code": "200", "reporter": "source", "connection_security_policy": "mutual_tls", "le": "+Inf",
		"destination_service": name + ".svc.cluster.local", "destination_service_name": name, "destination_service_namespace": name,
		"workload_cluster": name, "workload_namespace": name, "workload_name": name + "-b",
	}
	for _, end := range []string{"source", "destination"} {
		for _, label := range []string{"workload", "canonical_service", "app", "canonical_revision", "version"} {
			e.names[end+"_"+label] = name + "-" + end[:1]
		}
		e.names[end+"_workload_namespace"], e.names[end+"_cluster"] = name, name
	}
}

func (e *echo) serve(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "no form", http.StatusBadRequest)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	query := r.Form.Get("query")
	e.asked = append(e.asked, query)
	if e.tooLarge && strings.Contains(query, "increase(istio_") && !strings.Contains(query, "destination_workload_namespace=") {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = fmt.Fprint(w, `{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory"}`)
		return
	}
	series := map[string]any{"metric": e.names}
	kind := "vector"
	if start := seconds(r.Form, "start"); start > 0 {
		kind = "matrix"
		var points [][2]any
		for at := start; at <= seconds(r.Form, "end"); at += seconds(r.Form, "step") {
			points = append(points, [2]any{at, "5"})
		}
		series["values"] = points
	} else {
		series["value"] = [2]any{seconds(r.Form, "time"), "5"}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": map[string]any{"resultType": kind, "result": []any{series}}})
}

func seconds(form url.Values, name string) float64 {
	n, _ := strconv.ParseFloat(form.Get(name), 64)
	return n
}

// takeAsked are all texts of PromQL since begin.
func (e *echo) takeAsked() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Sorted(slices.Values(e.asked))
}

var promQL = parser.NewParser(parser.Options{})

// shape is a query without the values that its matchers compare with: metrics,
// functions, grouping, numbers, and which labels are compared.
func shape(t testing.TB, text string) string {
	t.Helper()
	parsed, err := promQL.ParseExpr(text)
	require.NoError(t, err, text)
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		vector, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		for _, m := range vector.LabelMatchers {
			if m.Name != model.MetricNameLabel && m.Name != "le" {
				m.Value, m.Type = "…", labels.MatchEqual // one name is compared by =, several by =~
			}
		}
		return nil
	})
	return parsed.String()
}

// matchers are all conditions on labels in a query.
func matchers(t testing.TB, text string) (all []*labels.Matcher) {
	t.Helper()
	parsed, err := promQL.ParseExpr(text)
	require.NoError(t, err, text)
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		if vector, ok := node.(*parser.VectorSelector); ok {
			all = append(all, vector.LabelMatchers...)
		}
		return nil
	})
	return all
}

// queriesOf are queries of all types that have a name in each of their fields.
func queriesOf(t testing.TB, name, glob, expression string) []string {
	t.Helper()
	var all []string
	for _, q := range []map[string]any{
		{"queryType": "graph", "namespaces": []string{glob}, "clusters": []string{name}, "edgeStats": []string{"requestRate", "p95"}},
		{"queryType": "graph", "focus": map[string]any{"namespace": name, "name": name + "-s", "depth": 2}, "filter": expression, "highlight": expression},
		{"queryType": "graph", "filter": "node.name == " + strconv.Quote(name) + " || node.namespace matches " + strconv.Quote(regexp.QuoteMeta(name))},
		{"queryType": "nodes", "namespaces": []string{name, glob}, "serviceNodes": true},
		{"queryType": "edges", "clusters": []string{glob}, "level": "service"},
		{"queryType": "health", "namespaces": []string{glob}, "level": "app"},
		{"queryType": "health", "entity": "edge", "focus": map[string]any{"name": name + "-d"}},
		{"queryType": "traffic", "namespaces": []string{name}, "stats": []string{"requestRate", "errorRatio"}},
		{"queryType": "traffic", "entity": "node", "level": "service", "clusters": []string{glob}, "filter": expression},
		{"queryType": "changes", "namespaces": []string{glob}},
		{"queryType": "changes", "filter": expression},
		{"queryType": "values", "of": "workloads", "namespaces": []string{glob}, "clusters": []string{name}},
		{"queryType": "values", "of": "services", "filter": expression},
		// What Grafana's alerting and others put beside it.
		{"queryType": name, "refId": name, name: name},
	} {
		text, err := json.Marshal(q)
		require.NoError(t, err)
		all = append(all, string(text))
	}
	return all
}

// injection asks all queries of a store with a name in it.
type injection struct {
	store *echo
	of    map[string]backend.DataSourceInstanceSettings // by what they are called
	mild  map[string]mildShapes
}

func newInjection(t testing.TB) injection {
	e := newEcho(t)
	return injection{e, map[string]backend.DataSourceInstanceSettings{
		"derived": {URL: e.url, JSONData: []byte(`{"seriesSource": "derived"}`)},
		"raw":     {URL: e.url, JSONData: []byte(`{"seriesSource": "raw"}`)},
		"auto":    {URL: e.url},
	}, map[string]mildShapes{}}
}

// asked is what one query makes the store be asked, of a mesh of that name.
func (in injection) asked(t testing.TB, series, asks, name string, tooLarge bool) (texts []string, failure error) {
	in.store.begin(name, tooLarge)
	i := instance(t, in.of[series])
	end := time.Unix(1_700_000_000, 0)
	response, err := i.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{query("A", end, asks)}})
	require.NoError(t, err)
	i.Dispose()
	return in.store.takeAsked(), response.Responses["A"].Error
}

// harmless is what stands for a name in the queries that others are compared with.
const harmless = "shop"

// check asks all that can be asked of a hostile name, and compares the shapes
// of the store's queries with those of a harmless one.
func (in injection) check(t testing.TB, name, expression string, sources ...string) {
	t.Helper()
	glob, harmlessGlob := name, harmless
	if topology.MatchGlob(name, name+"x") || strings.ContainsAny(name, "*?") {
		harmlessGlob = harmless + "*"
	}
	// All of the mesh is chosen, whatever it is called: else other questions would be asked of it.
	expression = "(" + expression + ") || true"
	hostile, mild := queriesOf(t, name, glob, expression), queriesOf(t, harmless, harmlessGlob, expression)
	for _, series := range sources {
		for at := range hostile {
			// Flows are asked for in parts where all is too large, courses are not.
			tooLarge := series == "raw" && at%2 == 0 && !strings.Contains(hostile[at], `"traffic"`) && !strings.Contains(hostile[at], `"changes"`)
			got, err := in.asked(t, series, hostile[at], name, tooLarge)
			for _, text := range got {
				in.onlyNames(t, text, name)
			}
			want := in.mildly(t, series, mild[at], tooLarge)
			if err != nil && want.failure == nil {
				require.Empty(t, got, "what is refused is refused before the store is asked: %v", err)
				continue
			}
			require.Equal(t, want.shapes, shapes(t, got), "%s: %s", series, hostile[at])
		}
	}
}

// mildShapes is what is asked for a harmless query.
type mildShapes struct {
	shapes  []string
	failure error
}

func (in injection) mildly(t testing.TB, series, asks string, tooLarge bool) mildShapes {
	key := series + asks
	if _, ok := in.mild[key]; !ok {
		texts, err := in.asked(t, series, asks, harmless, tooLarge)
		in.mild[key] = mildShapes{shapes(t, texts), err}
	}
	return in.mild[key]
}

func shapes(t testing.TB, texts []string) []string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = shape(t, text)
	}
	return slices.Sorted(slices.Values(all))
}

// onlyNames: a name is compared with as what it is, never as a pattern.
func (in injection) onlyNames(t testing.TB, text, name string) {
	t.Helper()
	for _, m := range matchers(t, text) {
		if m.Name == model.MetricNameLabel || m.Name == "le" || m.Type != labels.MatchRegexp && m.Type != labels.MatchNotRegexp {
			continue
		}
		names := []string{name, name + "-s", name + "-d", name + "-b", name + ".svc.cluster.local", "", topology.Unknown, "http", "grpc", "tcp", "source", "destination", "waypoint"}
		for _, other := range slices.Concat(strings.Split(name, "|"), []string{name + "x", "x" + name, "kube-system"}) {
			if !slices.Contains(names, other) && !topology.MatchGlob(name, other) {
				require.Equal(t, m.Type == labels.MatchNotRegexp, m.Matches(other), "%s in %s: %q is none of the names", m, text, other)
			}
		}
	}
}

var hostileNames = []string{
	`"`, `'`, "`", `\`, `\"`, `"}`, `"} or vector(1) or x{y="`, `shop"} or on() vector(1) #`, `{`, `}`, `{{ name }}`, `(`, `)`, `a)|(b`, `.*`, `.+`, `shop|pay`, `^$`, `[a-z]+`, `(?i)shop`,
	`a"} unless {b="`, "a\nb", "\n# comment\n", "a\tb", "\x00", "\x7f", "\xff\xfe", "\u2028", "é😀", `$namespace`, `${namespace:regex}`, `[[namespace]]`, `$__all`, `%22%7D`, `*`, `?`, `shop-*`, `*"}*`, `\*`, `a\`,
	`,x="y`, `x="y",`, `__name__="up"`, `up`, `sum(up)`, `5m]`, `[5m:1s]`, ` offset 1d`, `@ end()`, `bool`, `NaN`, `+Inf`, `-1`, strings.Repeat(`"`, 500),
}

// TestInjection: whatever a user or a label says, the store is asked the same.
func TestInjection(t *testing.T) {
	in := newInjection(t)
	for _, name := range hostileNames {
		t.Run(fmt.Sprintf("%.20q", name), func(t *testing.T) {
			const expression = `edge.errorRatio > 0.01 || node.name contains "\"} or vector(1)"`
			in.check(t, strings.ToValidUTF8(name, "\ufffd"), expression, slices.Sorted(maps.Keys(in.of))...)
		})
	}
}

// TestInjectionIsSeen: the tests above would see a name that is not quoted.
func TestInjectionIsSeen(t *testing.T) {
	assert.NotEqual(t, shape(t, `sum(up{a="b"})`), shape(t, `sum(up{a="b"} or vector(1))`))
	assert.NotEqual(t, shape(t, `sum by (a) (up{a="b"})`), shape(t, `sum by (a) (up{a="b",c="d"})`))
	assert.NotEqual(t, shape(t, `up{a="b"}`), shape(t, `down{a="b"}`))
	assert.NotEqual(t, shape(t, `increase(up{a="b"}[5m])`), shape(t, `increase(up{a="b"}[1h])`))
	assert.Equal(t, shape(t, `up{a="b"}`), shape(t, `up{a=~"c\"|d"}`))

	in := newInjection(t)
	got, err := in.asked(t, "raw", `{}`, harmless, true)
	require.NoError(t, err)
	assert.Contains(t, strings.Join(got, "\n"), `destination_workload_namespace=`, "labels of the store come into queries")
	for series := range in.of {
		all := queriesOf(t, harmless, harmless, "node.root || true")
		for _, asks := range all[:len(all)-1] { // the last has no type that there is
			got, err := in.asked(t, series, asks, harmless, false)
			if err == nil {
				assert.NotEmpty(t, got, asks)
			} else { // refused, with the reason
				assert.Empty(t, got, "%s: %v", asks, err)
			}
		}
	}
}

// FuzzInjection goes all the way from a query as a dashboard has it to the
// texts that a store is asked.
func FuzzInjection(f *testing.F) {
	for _, name := range hostileNames {
		f.Add(name, `edge.errorRatio > 0.01`)
	}
	for _, expression := range []string{`node.name == "a\"}"`, `node.labels["a\"b"] == "c"`, `edge.p95 > 1 or vector(1)`, "node.root\n#", `"503" in edge.codes`, `source.name matches ".*\"}"`} {
		f.Add("shop", expression)
	}
	in := newInjection(f)
	f.Fuzz(func(t *testing.T, name, expression string) {
		name = strings.ToValidUTF8(name, "\ufffd")
		if name == "" || name == topology.Unknown || strings.EqualFold(name, harmless) || !utf8.ValidString(expression) {
			t.Skip("a name that means something else, or nothing")
		}
		in.check(t, name, expression, []string{"derived", "raw", "auto"}[len(name)%3])
	})
}
