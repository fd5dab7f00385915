package dashboards_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The rules are those of grafana/dashboard-linter, by their names there. Not
// here are target-logql and its kin, for there are no logs, and the rules of
// exclusions[""], which fit no panel of ours.

// exclusion lets a rule not hold, for a reason.
type exclusion struct{ rule, panel, reason string }

const ofTheMesh = "topology is published by one exporter for the whole mesh: its series do not tell of the target that they come from"

var exclusions = map[string][]exclusion{
	"": { // of all dashboards
		{"template-job", "", ofTheMesh},
		{"template-instance", "", ofTheMesh},
		{"target-job", "", ofTheMesh},
		{"target-instance", "", ofTheMesh},
	},
	"mesh-overview.json": {
		{"target-rate-interval", "Worst edges", "a table is of the whole range, as the graph above it"},
	},
	"security.json": {
		{"target-rate-interval", "On edges", "it counts the rows of a table"},
		{"target-rate-interval", "Plain text by edge", "a table is of the whole range, as the graph above it"},
		{"target-rate-interval", "Principals", "a table is of the whole range, as the graph above it"},
	},
	"changes.json": {
		{"target-rate-interval", "Health of workloads that changed", "it asks what changed within the whole range"},
		{"target-rate-interval", "Available pods where they changed", "it asks what changed within the whole range"},
	},
	"exporter.json": {
		{"target-rate-interval", "Up", "an exporter that was there within the range is missed"},
		{"target-rate-interval", "Exporters", "an exporter that was there within the range is missed"},
		{"target-rate-interval", "Samples in a scrape", "an exporter that was there within the range is missed"},
		{"target-rate-interval", "Duration of scrapes", "an exporter that was there within the range is missed"},
		{"target-rate-interval", "Left out", "one number for the whole range"},
		{"target-rate-interval", "Failures", "one number for the whole range"},
	},
}

// excluded tells that a rule need not hold for a panel.
func excluded(file, rule, panel string) bool {
	return slices.ContainsFunc(exclusions[file], func(e exclusion) bool { return e.rule == rule && e.panel == panel })
}

func TestExclusionsHaveReasons(t *testing.T) {
	titles := map[string][]string{"": {""}}
	for _, d := range dashboards(t) {
		for _, p := range d.Panels {
			titles[d.file] = append(titles[d.file], p.Title)
		}
	}
	for file, list := range exclusions {
		for _, e := range list {
			assert.NotEmpty(t, e.reason, e.rule)
			assert.Contains(t, titles[file], e.panel, "%s is excluded in %s for a panel that is not there", e.rule, file)
		}
	}
}

// template-datasource
func TestTemplateDatasource(t *testing.T) {
	for _, d := range dashboards(t) {
		labels := map[string]string{}
		for _, v := range d.Templating.List {
			if v.Type == "datasource" {
				labels[fmt.Sprintf("%s %s", v.Name, v.Query)] = v.Label
			}
		}
		assert.Equal(t, map[string]string{
			`datasource "prometheus"`:                   "Data source",
			`meshscope "meshscope-topology-datasource"`: "Meshscope",
		}, labels, d.file)
	}
}

// template-label-promql is part of TestSeriesExist.

// template-on-time-change-reload, and how values are chosen
func TestTemplateValues(t *testing.T) {
	for _, d := range dashboards(t) {
		for _, v := range d.Templating.List {
			if v.Type != "query" {
				continue
			}
			assert.Equal(t, 2, v.Refresh, "%s: %s is not read again when the range changes", d.file, v.Name)
			assert.Equal(t, datasource{prometheus, "${datasource}"}, v.Datasource)
			assert.Equal(t, v.Multi, v.IncludeAll, v.Name)
			if v.Multi {
				assert.Equal(t, ".*", v.AllValue, "%s: without this All is a list of all values in each query", v.Name)
			}
			assert.Contains(t, string(v.Query), strings.ReplaceAll(v.Definition, `"`, `\"`))
		}
	}
}

// panel-datasource, panel-title-description, panel-no-targets
func TestPanels(t *testing.T) {
	eachPanel(t, func(t *testing.T, _ dashboard, p panel) {
		known := []datasource{{prometheus, "${datasource}"}, {meshscope, "${meshscope}"}}
		several := datasource{mixed, "-- Mixed --"}
		assert.Contains(t, append(known, several), p.Datasource)
		assert.NotEmpty(t, p.Title)
		assert.True(t, strings.HasSuffix(p.Description, "."), "the description is no sentence: %q", p.Description)
		require.NotEmpty(t, p.Targets, "nothing is asked for")
		refs := map[string]bool{}
		for _, target := range p.Targets {
			if assert.Contains(t, known, target.Datasource); p.Datasource != several {
				assert.Equal(t, p.Datasource, target.Datasource)
			}
			assert.NotEmpty(t, target.RefID)
			refs[target.RefID] = true
		}
		assert.Len(t, refs, len(p.Targets), "two queries have one name")
	})
}

// panel-units, and a word for when there is nothing. The node graph has neither:
// its units come with the data, as those of all that the Meshscope data source has.
func TestPanelUnits(t *testing.T) {
	// As packages/grafana-data/src/valueFormats of Grafana has them.
	units := []string{"short", "reqps", "cps", "percentunit", "s", "Bps", "bytes"}
	eachPanel(t, func(t *testing.T, _ dashboard, p panel) {
		if p.Type == "nodeGraph" {
			return
		}
		if p.Targets[0].Datasource.Type == prometheus {
			assert.Contains(t, units, p.FieldConfig.Defaults.Unit)
		}
		assert.NotEmpty(t, p.FieldConfig.Defaults.NoValue)
	})
}

// target-promql, target-rate-interval, target-counter-agg
func TestTargets(t *testing.T) {
	for _, d := range dashboards(t) {
		for _, p := range d.Panels {
			for _, target := range p.Targets {
				if target.Datasource.Type != prometheus {
					continue
				}
				t.Run(d.file+"/"+p.Title+"/"+target.RefID, func(t *testing.T) {
					parsed := parse(t, choicesOf(d)[0].promQL(t, target.Expr))
					assert.NotEqual(t, target.Instant, target.Range, "a query is for one time, or for a range")
					assert.Equal(t, slices.Contains([]string{"timeseries", "state-timeline", "heatmap"}, p.Type), target.Range)
					if window := windowOtherThan(parsed, rateInterval); window != 0 && !excluded(d.file, "target-rate-interval", p.Title) {
						t.Errorf("a rate is over %s, not over $__rate_interval", window)
					}
					for _, bare := range bareCounters(parsed) {
						t.Errorf("%s is a counter, and not used by rate or increase", bare)
					}
				})
			}
		}
	}
}

// windowOtherThan finds a window of a rate or the like that is not the given one.
func windowOtherThan(parsed parser.Expr, window time.Duration) (other time.Duration) {
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		if m, ok := n.(*parser.MatrixSelector); ok && m.Range != window {
			other = m.Range
		}
		return nil
	})
	return other
}

// bareCounters are counters that stand in an expression as they are.
func bareCounters(parsed parser.Expr) (names []string) {
	ofCounters := []string{"rate", "irate", "increase"}
	parser.Inspect(parsed, func(n parser.Node, path []parser.Node) error {
		selector, ok := n.(*parser.VectorSelector)
		if !ok || !isCounter(selector.Name) {
			return nil
		}
		inside := slices.ContainsFunc(path, func(above parser.Node) bool {
			call, ok := above.(*parser.Call)
			return ok && slices.Contains(ofCounters, call.Func.Name)
		})
		if !inside {
			names = append(names, selector.Name)
		}
		return nil
	})
	return names
}

func isCounter(name string) bool {
	return slices.ContainsFunc([]string{"_total", "_bucket", "_sum", "_count"}, func(suffix string) bool { return strings.HasSuffix(name, suffix) })
}

// uneditable-dashboard, and what makes a file one that Grafana 11.1 can import
func TestDashboards(t *testing.T) {
	uids := map[string]bool{}
	for _, d := range dashboards(t) {
		require.NotNil(t, d.Editable, d.file)
		assert.False(t, *d.Editable, d.file)
		assert.Equal(t, 39, d.SchemaVersion, "%s: what Grafana 11.1 writes", d.file)
		assert.True(t, strings.HasPrefix(d.Title, "Meshscope / "), d.Title)
		assert.NotEmpty(t, d.Description, d.file)
		assert.Regexp(t, `^meshscope-[a-z]+$`, d.UID, "%s: links are made with it", d.file)
		assert.False(t, uids[d.UID], "two dashboards have one uid: %s", d.UID)
		uids[d.UID] = true
	}
}
