package dashboards_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

const changesFile = "changes.json"

// ofChange are the panels that find nothing in a mesh where nothing changes.
var ofChange = []string{"Health of workloads that changed", "Available pods where they changed", "Versions that came and went"}

// failure is that verdict in numbers.
const failure = 3.0

// changingBench has seen, within the range that is shown, that a new version
// of cart came, that the old one has fewer pods, that the one in the east
// fails, and that vault, which had no calls for long, is gone.
func changingBench(t *testing.T) bench {
	t.Helper()
	store := derivedtest.Open(t)
	store.Every = time.Minute

	assess := func(flows []topology.Flow, availableOfCart int) {
		judged := derivedtest.Judged(flows)
		all := deployments(flows)
		all[refOf(cart)].Replicas[0].Available = availableOfCart
		judged.Objects = all
		store.Assess(judged)
	}
	before := mesh()
	assess(before, 2)
	store.Publish(before, 10)

	without := slices.DeleteFunc(mesh(), func(f topology.Flow) bool { return f.Key.Destination == vault })
	assess(without, 2)
	store.Publish(without, 57)

	version := peer(west, "shop", "cart-v2")
	version.CanonicalService, version.CanonicalRevision = "cart", "v2"
	after := append(without,
		calls(web, version, topology.HTTP, topology.MutualTLS, responses{{Code: "200"}: 30}),
		calls(web, cartEast, topology.HTTP, topology.MutualTLS, responses{{Code: "503"}: 50}),
	)
	assess(after, 0)
	store.Publish(after, 8)
	return benchOf(t, store)
}

func refOf(p topology.Peer) topology.Ref {
	return topology.EdgeKey{Source: p}.SourceRef()
}

// What is told to have changed is what has, and nothing else.
func TestChangesTellWhatChanged(t *testing.T) {
	b, panels := changingBench(t), byTitle(named(t, changesFile))
	assert.Equal(t, map[string]map[string]float64{
		west + " shop cart-v2 cart v2": {"Is": 1},
		"east bank vault vault latest": {"Is": -1},
	}, tableRows(t, b, panels["Versions that came and went"], choices[0]))

	pods := b.run(t, panels["Available pods where they changed"].Targets[0], choices[0])
	require.Len(t, pods, 1)
	assert.Equal(t, cart.Workload, pods[0].labels["workload_name"])
	assert.Zero(t, pods[0].value)

	before, _ := derivedtest.Judged(mesh()).Nodes[refOf(cartEast)].Value()
	require.NotEqual(t, failure, before)
	health := b.run(t, panels["Health of workloads that changed"].Targets[1], choices[0])
	require.Len(t, health, 1)
	assert.Equal(t, []string{east, cartEast.Workload}, []string{health[0].labels["workload_cluster"], health[0].labels["workload_name"]})
	assert.InDelta(t, failure, health[0].value, 0)
}

// Where there was no exporter at the range's start, nothing is taken for new.
func TestChangesTakeNothingForNewWithoutBefore(t *testing.T) {
	store := derivedtest.Open(t)
	flows := mesh()
	judged := derivedtest.Judged(flows)
	judged.Objects = deployments(flows)
	store.Assess(judged)
	store.Settle(flows)
	assert.Empty(t, benchOf(t, store).run(t, byTitle(named(t, changesFile))["Versions that came and went"].Targets[0], choices[0]))
}

// Annotations are the changes that the list has.
func TestChangesAreAnnotated(t *testing.T) {
	d := named(t, changesFile)
	require.Len(t, d.Annotations.List, 1)
	a := d.Annotations.List[0]
	assert.True(t, a.Enable)
	assert.Equal(t, datasource{meshscope, "${meshscope}"}, a.Datasource)

	asked, err := query.Parse(withVariables(t, d, a.Target, string(topology.ByWorkload), []string{"shop"}))
	require.NoError(t, err)
	listed, err := query.Parse(withVariables(t, d, byTitle(d)["What came and went"].Targets[0].raw, string(topology.ByWorkload), []string{"shop"}))
	require.NoError(t, err)
	assert.Equal(t, query.TypeChanges, asked.Type)
	assert.Equal(t, []string{"shop"}, asked.Namespaces)
	assert.Equal(t, listed, asked)
}

// The numbers at the top are of those changes that the data source tags so.
func TestChangesAreCountedByTheirTags(t *testing.T) {
	panels := byTitle(named(t, changesFile))
	tags := map[string][]string{
		"New edges":  {"added,edge,shop,bank", "added,edge"},
		"Gone edges": {"removed,edge,shop"},
		"New nodes":  {"added,node,shop"},
		"Gone nodes": {"removed,node,edge"}, // of a namespace that is called edge
	}
	for title := range tags {
		pattern := regexp.MustCompile(tagFilter(t, panels[title]))
		for of, all := range tags {
			for _, one := range all {
				assert.Equal(t, title == of, pattern.MatchString(one), "%s: %s", title, one)
			}
		}
	}
}

// tagFilter is the regular expression of a panel's transformation that chooses by tags.
func tagFilter(t *testing.T, p panel) string {
	t.Helper()
	require.Len(t, p.Transformations, 1, p.Title)
	require.Equal(t, "filterByValue", p.Transformations[0].ID)
	filters := p.Transformations[0].Options.Filters
	require.Len(t, filters, 1)
	require.Equal(t, "tags", filters[0].FieldName)
	var pattern string
	require.NoError(t, json.Unmarshal(filters[0].Config.Options.Value, &pattern))
	return pattern
}
