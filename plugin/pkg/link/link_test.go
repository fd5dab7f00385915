package link_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/link"
)

func one(t testing.TB, stored string) link.Template {
	t.Helper()
	all, err := link.Parse([]byte("[" + stored + "]"))
	require.NoError(t, err)
	require.Len(t, all, 1)
	return all[0]
}

func TestExpandURL(t *testing.T) {
	at := time.UnixMilli(1_700_000_060_000)
	for _, c := range []struct{ url, name, want string }{
		{"https://kiali/x/${namespace}/${name}", "reviews-v1", "https://kiali/x/shop/reviews-v1"},
		{"https://kiali/x/${name}?a=b", `a/b?c&d=e#f g"h`, "https://kiali/x/a%2Fb%3Fc%26d%3De%23f%20g%22h?a=b"},
		{"/d/meshscope-workload?var-name=${name}&${__url_time_range}", "${__org}", "/d/meshscope-workload?var-name=%24%7B__org%7D&from=1700000000000&to=1700000060000"},
		{"/d/x?var-name=${name}&from=${__from}&to=${__to}&d=${__range_s}", "[[a]]\n", "/d/x?var-name=%5B%5Ba%5D%5D%0A&from=1700000000000&to=1700000060000&d=60"},
		{"https://jaeger/search?tags=%7B%22a%22%3A%22${name:quoted}%22%7D", `"}x`, "https://jaeger/search?tags=%7B%22a%22%3A%22%5C%22%7Dx%22%7D"},
		{"https://h/${name}/x", "..", ""},
		{"https://h/?q=${name}", "\xff", ""},
		{"https://h/?q=${name}", "", ""},
		{"https://h/${version}", "a", ""},
	} {
		v := link.Values{"name": c.name, "namespace": "shop"}
		v.Range(topology.Interval{End: at, Length: time.Minute})
		got, ok := one(t, fmt.Sprintf(`{"title": "a", "on": "node", "url": %q}`, c.url)).ExpandURL(v)
		assert.Equal(t, c.want, got)
		assert.Equal(t, c.want != "", ok, c.url)
	}
}

// TestNamesStayNames: whatever a name is, a URL has the same parts, with the
// name in its place.
func TestNamesStayNames(t *testing.T) {
	template := one(t, `{"title": "a", "on": "edge", "url": "https://host:1/a/${source.name}/b?c=${target.name}&d=e#f"}`)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		link, ok := template.ExpandURL(link.Values{"source.name": name, "target.name": name})
		if strings.Trim(name, ".") == "" {
			if ok {
				t.Errorf("%q became %s", name, link)
			}
			return
		}
		if !ok || regexp.MustCompile(`[\x00-\x20$]`).MatchString(link) {
			t.Fatalf("%q became %q", name, link)
		}
		u, err := url.Parse(link)
		if err != nil || u.Host != "host:1" || u.Path != "/a/"+name+"/b" || u.Query().Get("c") != name || u.Query().Get("d") != "e" || u.Fragment != "f" {
			t.Errorf("%q became %s (%v)", name, link, err)
		}
	})
}

const promql = `{"title": "PromQL", "on": "node", "internal": {"datasourceUid": "prom", "query": {
	"expr": "sum(rate(x{a=\"${name}\", b=~\"(${namespace:regex})-.*\", c='y'}[$__rate_interval])) # of ${__from}", "range": true}}}`

// TestNamesInQueries: whatever names are, the query has the same matchers, with
// the names as their values, and Grafana sees no variable of its own in them.
func TestNamesInQueries(t *testing.T) {
	template := one(t, promql)
	read := parser.NewParser(parser.Options{})
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{`"} or vector(1) #`, "$__rate_interval", "${__org}", "[[x]]", `\`, "`", "a.*|b"})).
			Filter(func(s string) bool { return s != "" }).Draw(t, "name")
		texts, ok := template.Expand(link.Values{"name": name, "namespace": name, "__from": "1"})
		if !ok || len(texts) != 1 {
			t.Fatalf("%q: no query", name)
		}
		text := strings.ReplaceAll(texts[0], "$__rate_interval", "5m")
		if strings.Contains(text, "$") || strings.Contains(text, "[[") {
			t.Errorf("%q: Grafana sees a variable in %s", name, text)
		}
		e, err := read.ParseExpr(text)
		if err != nil {
			t.Fatalf("%q: %s: %v", name, text, err)
		}
		matchers := parser.ExtractSelectors(e)
		if len(matchers) != 1 || len(matchers[0]) != 4 {
			t.Fatalf("%q: %s", name, text)
		}
		for _, m := range matchers[0] {
			switch {
			case m.Name == "a" && m.Value != name, m.Name == "c" && m.Value != "y":
				t.Errorf("%q: %s", name, m)
			case m.Name == "b" && (!m.Matches(name+"-x") || m.Matches(name+"x") || m.Matches("z"+name+"-")):
				t.Errorf("%q: %s", name, m)
			}
		}
	})
}

func TestQueries(t *testing.T) {
	jaeger := one(t, `{"title": "Traces/Of the app", "on": "node", "kinds": ["workload", "app"], "internal": {"datasourceUid": "j",
		"query": {"queryType": "search", "service": "${app}.${namespace}", "tags": ["a", {"b": "v=\"${name}\""}], "limit": 20}}}`)
	assert.True(t, jaeger.Fits(topology.KindApp))
	assert.False(t, jaeger.Fits(topology.KindService))
	texts, ok := jaeger.Expand(link.Values{"app": "reviews", "namespace": "shop", "name": `a"b`})
	require.True(t, ok)
	assert.Equal(t, []string{"reviews.shop", `v="a\"b"`}, texts)
	made := jaeger.With(func(i int) string { return fmt.Sprint("text ", i) })
	text, err := json.Marshal(made)
	require.NoError(t, err)
	assert.JSONEq(t, `{"queryType": "search", "service": "text 0", "tags": ["a", {"b": "text 1"}], "limit": 20}`, string(text))
	assert.Equal(t, "${app}.${namespace}", jaeger.Query["service"], "the template is as it was")

	for _, name := range []string{"a b", `"`, "${x}", "x or y", ""} {
		_, ok := jaeger.Expand(link.Values{"app": name, "namespace": "shop", "name": "a"})
		assert.False(t, ok, "%q outside of quotes", name)
	}
	_, ok = one(t, promql).Expand(link.Values{"name": "\xff", "namespace": "a", "__from": "1"})
	assert.False(t, ok)
}

func TestRefusals(t *testing.T) {
	query := func(text string) string {
		return fmt.Sprintf(`{"title": "Logs", "on": "node", "internal": {"datasourceUid": "l", "query": {"expr": %q}}}`, text)
	}
	to := func(u string) string { return fmt.Sprintf(`{"title": "Kiali", "on": "node", "url": %q}`, u) }
	for stored, want := range map[string]string{
		`"a"`: `link 1 (""): is not an object of title, on, kinds and either url or internal (datasourceUid, query)`,
		`{"title": "a", "on": "node", "url": "/a", "colour": "red"}`:       `is not an object of title`,
		`{"on": "node", "url": "/a"}`:                                      `link 1 (""): title: is empty`,
		`{"title": "of ${name}", "on": "node", "url": "/a"}`:               `title: has no placeholders`,
		`{"title": "a/b/c", "on": "node", "url": "/a"}`:                    `title: has more than one slash`,
		`{"title": "a", "on": "pod", "url": "/a"}`:                         `link 1 ("a"): on: "pod" is not allowed, allowed are node, edge`,
		`{"title": "a", "on": "node", "kinds": ["pod"], "url": "/a"}`:      `kinds: "pod" is not allowed`,
		`{"title": "a", "on": "node"}`:                                     `want either url or internal`,
		`{"title": "a", "on": "node", "internal": {"query": {"a": "b"}}}`:  `internal.datasourceUid: want the UID of a data source`,
		`{"title": "a", "on": "node", "internal": {"datasourceUid": "a"}}`: `internal.query: want the query`,
		`{"title": "a", "on": "edge", "url": "/${name}"}`:                  `url: ${name} is not known: want source. or target. and one of cluster,`,
		`{"title": "a", "on": "node", "url": "/${source.name}"}`:           `url: ${source.name} is not known: want cluster, namespace,`,
		to("javascript:alert(1)"):                                          `url: want https://host/…, or /… in this Grafana`,
		to("//host/a"):                                                     `url: want https://host/…`,
		to(`/\host/a`):                                                     `url: want https://host/…`,
		to("https://${name}.host/"):                                        `url: want https://host/…, or /… in this Grafana; names may not stand in the host`,
		to("https://kiali${name}/"):                                        `names may not stand in the host`,
		to("https://kiali:20001/a b"):                                      `url: has blanks or control characters`,
		to("https://kiali/${nam}"):                                         `url: ${nam} is not known`,
		to("https://kiali/${name:csv}"):                                    `${name:csv}: csv is no format, formats are regex, quoted`,
		to("https://kiali/${name:regex}"):                                  `a URL has names percent-encoded`,
		query("{a=${name}}"):                                               `link 1 ("Logs"): internal.query.expr: ${name} stands in no double quotes`,
		query("{a='${name}'}"):                                             `${name} stands in no double quotes`,
		query("{a=`\"${name}\"`}"):                                         `${name} stands in no double quotes`,
		query("{a=\"b\"} # \"\n${name}"):                                   `${name} stands in no double quotes`,
		query(`{a="\"${name}"} or ${name}`):                                `${name} stands in no double quotes`,
		query(`{a=~"x|${name}"}`):                                          `${name} stands in a regular expression: write ${name:regex}`,
		query(`{a!~ "${name}"}`):                                           `${name} stands in a regular expression`,
		query(`{a="${name:quoted}"}`):                                      `${name}:quoted is for URLs`,
		query(`${name:regex}`):                                             `formats are for names in double quotes`,
		query(`{a="$name"}`):                                               `has a $ that is neither ${name} nor`,
		query(`rate(a[$__rate_intervals])`):                                `has a $ that is neither`,
	} {
		_, err := link.Parse([]byte("[" + stored + "]"))
		assert.ErrorContains(t, err, want, stored)
	}
	_, err := link.Parse([]byte(`{}`))
	assert.EqualError(t, err, "want a list of links")
	_, err = link.Parse([]byte(`[{"on": "node"}, {"title": "b"}]`))
	assert.ErrorContains(t, err, "link 1")
	assert.ErrorContains(t, err, `link 2 ("b")`)
	_, err = link.Parse([]byte("[" + strings.Repeat("{},", 50) + "{}]"))
	assert.EqualError(t, err, "51 links are too many, want at most 50")
	for _, none := range []string{"", "null", "[]"} {
		all, err := link.Parse([]byte(none))
		require.NoError(t, err)
		assert.Empty(t, all)
	}
}

// TestDocumentation: the links that the plugin's page proposes can be set.
func TestDocumentation(t *testing.T) {
	page, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(page), "### Links\n")
	require.True(t, found)
	_, list, found := strings.Cut(section, "```json\n")
	require.True(t, found)
	list, _, _ = strings.Cut(list, "```")
	all, err := link.Parse([]byte(list))
	require.NoError(t, err)
	assert.Greater(t, len(all), 6)
}

// TestProposals: the links that the settings page proposes can be set. The front
// end's tests compare the file with them.
func TestProposals(t *testing.T) {
	file, err := os.ReadFile("../../src/testdata/proposals.json")
	require.NoError(t, err)
	all, err := link.Parse(file)
	require.NoError(t, err)
	assert.Greater(t, len(all), 6)
	v := link.Values{"cluster": "east", "namespace": "shop", "name": "web-v1", "workload": "web-v1", "app": "web"}
	v.Range(topology.Interval{End: time.UnixMilli(60_000), Length: time.Minute})
	for _, l := range all {
		if l.URL != "" {
			_, ok := l.ExpandURL(v)
			assert.True(t, ok, l.Title)
			continue
		}
		_, ok := l.Expand(v)
		assert.True(t, ok, l.Title)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(promql, "name")
	f.Add(`{"title": "a", "on": "edge", "url": "https://h/${source.name}?${__url_time_range}"}`, `"}`)
	f.Fuzz(func(t *testing.T, stored, name string) {
		all, err := link.Parse([]byte("[" + stored + "]"))
		if err != nil {
			return
		}
		v := link.Values{}
		for _, of := range []string{"", "source.", "target."} {
			for _, n := range []string{"cluster", "namespace", "kind", "name", "workload", "app", "version", "service"} {
				v[of+n] = name
			}
		}
		v.Range(topology.Interval{})
		for _, l := range all {
			if u, ok := l.ExpandURL(v); ok && l.URL != "" && !strings.HasPrefix(u, "/") && !strings.HasPrefix(u, "http") {
				t.Errorf("%q became %q", l.URL, u)
			}
			if texts, ok := l.Expand(v); ok && len(texts) != l.Texts() {
				t.Errorf("%d texts of %d", len(texts), l.Texts())
			}
		}
	})
}
