package dashboards_test

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
)

// Each query of each dashboard finds something in a mesh that has all there is.
// What is not of the mesh, or of what becomes of it, finds it in tests of its own.
func TestEachQueryFindsSomething(t *testing.T) {
	b := newBench(t, mesh())
	eachPanel(t, func(t *testing.T, d dashboard, p panel) {
		if d.file == exporterFile || d.file == changesFile && slices.Contains(ofChange, p.Title) {
			return
		}
		for _, target := range p.Targets {
			if target.Datasource.Type != prometheus {
				continue
			}
			found := 0
			for _, c := range choicesOf(d) {
				rows := b.run(t, target, c)
				if found += len(rows); c.one == nil { // one workload or edge need not have all
					assert.NotEmpty(t, rows, "%s, %s", target.RefID, c.name)
				}
			}
			assert.Positive(t, found, target.RefID)
		}
	})
}

// overview are the panels of the overview by their titles.
func overview(t testing.TB) map[string]panel { return byTitle(named(t, "mesh-overview.json")) }

// named is the dashboard of a file.
func named(t testing.TB, file string) dashboard {
	t.Helper()
	for _, d := range dashboards(t) {
		if d.file == file {
			return d
		}
	}
	t.Fatalf("there is no dashboard %s", file)
	return dashboard{}
}

func byTitle(d dashboard) map[string]panel {
	panels := map[string]panel{}
	for _, p := range d.Panels {
		panels[p.Title] = p
	}
	return panels
}

// selection is which edges a choice is about.
type selection struct{ cluster, namespace *regexp.Regexp }

func selected(t *testing.T, c choice) selection {
	t.Helper()
	read := func(text string) *regexp.Regexp {
		unquoted, err := strconv.Unquote(`"` + text + `"`)
		require.NoError(t, err)
		return regexp.MustCompile("^(?:" + unquoted + ")$")
	}
	return selection{read(c.cluster), read(c.namespace)}
}

func (s selection) has(cluster, namespace string) bool {
	known := func(name string) string {
		if name == "" {
			return topology.Unknown
		}
		return name
	}
	return s.cluster.MatchString(known(cluster)) && s.namespace.MatchString(known(namespace))
}

func (s selection) toService(f topology.Flow) bool {
	return s.has(f.Key.Destination.Cluster, f.Key.Service.Namespace)
}

func (s selection) toWorkload(f topology.Flow) bool {
	return s.has(f.Key.Destination.Cluster, f.Key.Destination.Namespace)
}

func (s selection) touches(f topology.Flow) bool {
	return s.toService(f) || s.toWorkload(f) || s.has(f.Key.Source.Cluster, f.Key.Source.Namespace)
}

// isHop tells what goes from or to a waypoint.
func isHop(f topology.Flow) bool { return f.Key.Source == waypoint || f.Key.Destination == waypoint }

// counted is what one interval has of the edges that a test is true for.
func counted(count func(topology.Flow) float64, of func(topology.Flow) bool) (sum float64) {
	for _, f := range mesh() {
		if of(f) {
			sum += count(f)
		}
	}
	return sum
}

func requests(f topology.Flow) float64 { return f.Traffic.Total() }

func errors(f topology.Flow) (n float64) {
	for response, calls := range f.Traffic.Requests {
		if response.Outcome(f.Protocol).IsError() {
			n += calls
		}
	}
	return n
}

func secured(f topology.Flow) float64 { return f.Traffic.Secured[topology.MutualTLS] }

func known(f topology.Flow) float64 {
	return f.Traffic.Secured[topology.MutualTLS] + f.Traffic.Secured[topology.Plaintext]
}

// The numbers at the top are those of the calls to what is selected, each
// counted once, whatever is selected.
func TestOverviewCountsEachCallOnce(t *testing.T) {
	b, panels := newBench(t, mesh()), overview(t)
	for _, c := range choices {
		t.Run(c.name, func(t *testing.T) {
			s := selected(t, c)
			perSecond := counted(requests, s.toService) / derivedtest.Every.Seconds()
			assert.InDelta(t, perSecond, b.number(t, panels["Requests"], c), 1e-6)
			assert.InDelta(t, counted(errors, s.toService)/counted(requests, s.toService), b.number(t, panels["Error ratio"], c), 1e-6)
			assert.InDelta(t, counted(secured, s.toWorkload)/counted(known, s.toWorkload), b.number(t, panels["Mutual TLS"], c), 1e-6)
			assert.InDelta(t, 0.91, b.number(t, panels["Latency p95"], c), 1e-6, "of 10 calls, 5 take up to 100 ms and the rest up to 1 s")
			assert.Zero(t, b.number(t, panels["Age of the map"], c))

			var byNamespace float64
			for _, row := range b.run(t, panels["Requests by namespace"].Targets[0], c) {
				byNamespace += row.value
			}
			assert.InDelta(t, perSecond, byNamespace, 1e-6)
		})
	}
}

// The transport of calls is not traffic.
func TestOverviewLeavesOutWhatGoesByWaypoints(t *testing.T) {
	b, panels := newBench(t, mesh()), overview(t)
	for _, c := range choices {
		s := selected(t, c)
		direct := func(f topology.Flow) bool { return s.toWorkload(f) && !isHop(f) }
		for i, bytes := range []func(topology.Flow) float64{
			func(f topology.Flow) float64 { return f.Traffic.TCPRequestBytes[""] },
			func(f topology.Flow) float64 { return f.Traffic.TCPResponseBytes[""] },
		} {
			var sum float64
			for _, row := range b.run(t, panels["TCP throughput by namespace"].Targets[i], c) {
				sum += row.value
			}
			assert.InDelta(t, counted(bytes, direct)/derivedtest.Every.Seconds(), sum, 1e-6, c.name)
		}
	}
}

// tableRows joins the columns by their labels, as the panel does: a row for
// each set of labels, which is told by its cells with text, and has numbers by
// the names of their columns.
func tableRows(t *testing.T, b bench, p panel, c choice) map[string]map[string]float64 {
	t.Helper()
	require.Equal(t, "merge", p.Transformations[0].ID)
	last := p.Transformations[len(p.Transformations)-1]
	require.Equal(t, "organize", last.ID)
	organized := last.Options
	all := map[string]map[string]float64{}
	for _, target := range p.Targets {
		for _, row := range b.run(t, target, c) {
			cells := make([]string, len(organized.IndexByName))
			for label, value := range row.labels {
				require.Contains(t, organized.RenameByName, label)
				cells[organized.IndexByName[label]] = value
			}
			key := strings.Join(slices.DeleteFunc(cells, func(text string) bool { return text == "" }), " ")
			if all[key] == nil {
				all[key] = map[string]float64{}
			}
			value := "Value"
			if len(p.Targets) > 1 {
				value += " #" + target.RefID
			}
			require.Contains(t, organized.RenameByName, value)
			all[key][organized.RenameByName[value]] = row.value
		}
	}
	return all
}

// The table has a row for each edge with requests, with all that is known of it.
func TestOverviewTable(t *testing.T) {
	b, table := newBench(t, mesh()), overview(t)["Worst edges"]
	for _, c := range choices {
		t.Run(c.name, func(t *testing.T) {
			s := selected(t, c)
			want := map[string]map[string]float64{}
			for _, f := range mesh() {
				if !s.touches(f) || requests(f) == 0 {
					continue
				}
				row := map[string]float64{
					"Error ratio": errors(f) / requests(f), "Requests": requests(f) / derivedtest.Every.Seconds(), "Latency p95": 0.91,
				}
				if known(f) > 0 {
					row["Mutual TLS"] = secured(f) / known(f)
				}
				from, to := f.Key.Source, f.Key.Destination
				want[strings.Join([]string{
					orUnknown(from.Cluster), orUnknown(from.Namespace), orUnknown(from.Workload),
					orUnknown(to.Cluster), orUnknown(f.Key.Service.Namespace), f.Key.Service.Name, orUnknown(to.Workload), string(f.Protocol),
				}, " ")] = row
			}
			got := tableRows(t, b, table, c)
			require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)))
			for key := range want {
				assert.InDeltaMapValues(t, want[key], got[key], 1e-6, key)
			}
		})
	}
}

// Who is not well, by whose fault, and how many that are, is what the exporter says.
func TestOverviewTellsWhoIsNotWell(t *testing.T) {
	b, panels := newBench(t, mesh()), overview(t)
	judged := derivedtest.Judged(mesh())
	for _, c := range choices {
		t.Run(c.name, func(t *testing.T) {
			s := selected(t, c)
			failing, want := 0.0, map[string]map[string]float64{}
			for ref, health := range judged.Nodes {
				if ref.Kind != topology.KindWorkload || !s.has(ref.Cluster, ref.Namespace) {
					continue
				}
				if health == topology.HealthFailure {
					failing++
				}
				if health >= topology.HealthDegraded {
					cells := []string{ref.Cluster, ref.Namespace, ref.Name}
					if judged.Faults[ref].Origin {
						cells = append(cells, ref.Namespace, ref.Name)
					}
					worst := 0.0
					for _, ratio := range judged.Ratios[ref] {
						worst = max(worst, ratio.Ratio())
					}
					value, _ := health.Value()
					want[strings.Join(cells, " ")] = map[string]float64{"Health": value}
					want[strings.Join(cells[:3], " ")+" numbers"] = map[string]float64{"Error ratio": worst, "Dependents": 0, "Pods ready": 1, "Pods wanted": 2}
				}
			}
			require.NotEmpty(t, want)
			assert.InDelta(t, failing, b.number(t, panels["Failing workloads"], c), 0)

			got := map[string]map[string]float64{}
			for key, row := range tableRows(t, b, panels["Unwell workloads"], c) {
				health, ok := row["Health"]
				if ok {
					got[key] = map[string]float64{"Health": health}
					delete(row, "Health")
				}
				if len(row) > 0 {
					got[key+" numbers"] = row
				}
			}
			require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)))
			for key := range want {
				assert.InDeltaMapValues(t, want[key], got[key], 1e-6, key)
			}
		})
	}
}

func orUnknown(name string) string {
	if name == "" {
		return topology.Unknown
	}
	return name
}
