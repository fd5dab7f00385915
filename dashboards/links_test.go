package dashboards_test

import (
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// topLink is a link at the top of a dashboard.
type topLink struct {
	Type        string `json:"type"`
	Title       string `json:"title"`
	URL         string `json:"url"`
	KeepTime    bool   `json:"keepTime"`
	IncludeVars bool   `json:"includeVars"`
}

// dataLink is a link of a value.
type dataLink struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// links are those of all values of a panel.
func (p panel) links(t *testing.T) []dataLink {
	t.Helper()
	all := slices.Clone(p.FieldConfig.Defaults.Links)
	for _, override := range p.FieldConfig.Overrides {
		for _, property := range override.Properties {
			if property.ID != "links" {
				continue
			}
			var some []dataLink
			require.NoError(t, json.Unmarshal(property.Value, &some))
			all = append(all, some...)
		}
	}
	return all
}

// shipped are the variables of the dashboards, by their uid.
func shipped(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, d := range dashboards(t) {
		all[d.UID] = []string{}
		for _, v := range d.Templating.List {
			all[d.UID] = append(all[d.UID], v.Name)
		}
	}
	return all
}

// Grafana's own, which stand for more than one parameter of a URL.
var parameters = regexp.MustCompile(`\$\{(\w+):queryparam\}|\$\{__url_time_range\}`)

// target takes a link apart: the dashboard that it leads to, and the values of its parameters. Variables that it hands on as they are have none.
func (l dataLink) target(t *testing.T) (uid string, values map[string]string) {
	t.Helper()
	values = map[string]string{}
	text := parameters.ReplaceAllStringFunc(l.URL, func(found string) string {
		if name := parameters.FindStringSubmatch(found)[1]; name != "" {
			return "var-" + name + "="
		}
		return "time="
	})
	to, ok := strings.CutPrefix(text, "/d/")
	require.True(t, ok, l.URL)
	uid, query, _ := strings.Cut(to, "?")
	for _, pair := range strings.Split(query, "&") {
		if name, value, _ := strings.Cut(pair, "="); name != "" {
			require.NotContains(t, values, name, l.URL)
			values[name] = value
		}
	}
	return uid, values
}

// requireTarget requires that what a link leads to is there, and knows the variables that it gets.
func requireTarget(t *testing.T, known map[string][]string, l dataLink) map[string]string {
	t.Helper()
	uid, values := l.target(t)
	require.Contains(t, known, uid, l.URL)
	for name := range values {
		if variable, ok := strings.CutPrefix(name, "var-"); ok {
			require.Contains(t, known[uid], variable, l.URL)
		}
	}
	return values
}

// At the top of each dashboard are links to all others, which keep the time and the variables.
func TestDashboardsLeadToEachOther(t *testing.T) {
	known := shipped(t)
	for _, d := range dashboards(t) {
		reached := []string{d.UID}
		for _, l := range d.Links {
			assert.Equal(t, "link", l.Type)
			assert.NotEmpty(t, l.Title)
			assert.True(t, l.KeepTime, "%s: %s", d.file, l.Title)
			values := requireTarget(t, known, dataLink{l.Title, l.URL})
			requireKnown(t, d, l.URL)
			assert.NotEqual(t, l.IncludeVars, len(values) > 0, "%s: %s gets all variables, or those that it says", d.file, l.Title)
			uid, _ := dataLink{URL: l.URL}.target(t)
			reached = append(reached, uid)
		}
		if d.UID == "meshscope-edge" {
			reached = slices.Compact(slices.Sorted(slices.Values(reached))) // both ends are workloads
		}
		assert.ElementsMatch(t, slices.Collect(maps.Keys(known)), reached, d.file)
	}
}

// requireKnown requires that variables in a link are those of its dashboard.
func requireKnown(t *testing.T, d dashboard, text string) {
	t.Helper()
	for _, found := range reference.FindAllStringSubmatch(text, -1) {
		name := strings.Join(found[1:], "")
		if !strings.HasPrefix(name, "__") {
			assert.Contains(t, shipped(t)[d.UID], name, "%s: %s", d.file, text)
		}
	}
}

// A name in a link, by where it comes from.
var (
	ofCell  = regexp.MustCompile(`^\$\{__data\.fields\.(\w+):percentencode\}$`)
	ofSerie = regexp.MustCompile(`^\$\{__field\.labels\.(\w+):percentencode\}$`)
	chosen  = regexp.MustCompile(`^\$\{(\w+):percentencode\}$`)
)

// Each value that leads somewhere leads to what is there, with the time, the data sources and names that are there too,
// each percent-encoded.
func TestValuesLeadToDashboards(t *testing.T) {
	known, count := shipped(t), 0
	eachPanel(t, func(t *testing.T, d dashboard, p panel) {
		for _, l := range p.links(t) {
			count++
			assert.NotEmpty(t, l.Title)
			values := requireTarget(t, known, l)
			requireKnown(t, d, l.URL)
			for _, kept := range []string{"time", "var-datasource", "var-meshscope"} {
				assert.Contains(t, values, kept, l.URL)
			}
			for name, value := range values {
				if value == "" {
					continue
				}
				require.True(t, strings.HasPrefix(name, "var-"), l.URL)
				switch {
				case chosen.MatchString(value):
				case ofCell.MatchString(value):
					assert.Equal(t, "table", p.Type)
					assert.Contains(t, cellsOf(t, d, p), ofCell.FindStringSubmatch(value)[1], "%s: %s", p.Title, l.URL)
				case ofSerie.MatchString(value):
					label := ofSerie.FindStringSubmatch(value)[1]
					for _, target := range p.Targets {
						parsed := parse(t, choicesOf(d)[0].promQL(t, target.Expr))
						assert.True(t, keeps(parsed, label), "%s: the lines have no label %s", p.Title, label)
					}
				default:
					t.Errorf("%s: %s is no name that is encoded", p.Title, value)
				}
			}
		}
	})
	assert.Positive(t, count)
}

// cellsOf are the fields that a row of a table has, besides values: the labels of its series, and what the Meshscope
// data source calls its columns.
func cellsOf(t *testing.T, d dashboard, p panel) (fields []string) {
	t.Helper()
	for _, target := range p.Targets {
		if target.Datasource.Type == meshscope {
			for _, part := range []string{"cluster", "namespace", "kind", "name"} {
				fields = append(fields, part, "source_"+part, "target_"+part)
			}
			continue
		}
		parsed := parse(t, choicesOf(d)[0].promQL(t, target.Expr))
		for _, label := range below(labelsOf(), parsed) {
			if keeps(parsed, label) {
				fields = append(fields, label)
			}
		}
	}
	return fields
}

// Whatever a name is, it arrives whole: a link says what to encode, and what is encoded is read back as it was.
func TestOddNamesStayNames(t *testing.T) {
	for _, name := range []string{"a b", `a"b'c`, "a&b=c", "a+b", "100%", "%2B", "ümläut 名", "${namespace}", "[[x]]", "a/b?c#d"} {
		eachPanel(t, func(t *testing.T, _ dashboard, p panel) {
			for _, l := range p.links(t) {
				_, values := l.target(t)
				filled := parameters.ReplaceAllString(l.URL, "kept=1")
				for _, value := range values {
					if value != "" {
						filled = strings.ReplaceAll(filled, value, strings.ReplaceAll(url.QueryEscape(name), "+", "%20"))
					}
				}
				read, err := url.Parse(filled)
				require.NoError(t, err)
				for parameter, value := range values {
					if value != "" {
						assert.Equal(t, name, read.Query().Get(parameter), l.URL)
					}
				}
			}
		})
	}
}
