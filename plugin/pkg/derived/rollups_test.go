package derived_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// TestRollups reads ranges of hours from rollups, and compares with what the
// mesh did: with rules at some minute of the hour, an hour that they missed,
// and ranges that end anywhere.
func TestRollups(t *testing.T) {
	mesh := derivedtest.Mesh(20)
	waypoint := flow(peer("client"), peer("waypoint"), topology.HTTP) // for it to be asked which calls went by one
	waypoint.Traffic.AddRequests(topology.Response{Code: "200"}, 2)
	waypoint.Reporter, mesh[0].Reporter = topology.ByWaypoint, topology.ByWaypoint
	mesh = append(mesh, waypoint)
	store := derivedtest.Open(t)
	store.Settle(mesh)
	begin := store.Now
	const perHour = int(time.Hour / derivedtest.Every)
	store.Publish(mesh, perHour/3)
	for hour := range 7 {
		if hour != 3 {
			store.RollUp()
		}
		store.Publish(mesh, perHour)
	}

	for _, c := range []struct {
		name        string
		end, length time.Duration // the range, from begin on
		rolled      int           // pieces that are read from rollups
	}{
		{"one that is too short to look for any", 5 * time.Hour, 2 * time.Hour, 0},
		{"with the missed hour", 7 * time.Hour, 6 * time.Hour, 2},
		{"after it", 7 * time.Hour, 3 * time.Hour, 1},
		{"all of it", 7*time.Hour + 20*time.Minute, 7*time.Hour + 20*time.Minute, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			iv := topology.Interval{End: begin.Add(c.end), Length: c.length}
			answer, err := sourceOf(t, store).Flows(t.Context(), iv, everything())
			require.NoError(t, err)
			require.Equal(t, c.rolled, count(answer.Queries, "edge:meshscope_requests:increase1h"))
			require.Equal(t, c.rolled, count(answer.Queries, "edge:meshscope_request_duration_seconds_bucket:increase1h"))
			require.Equal(t, c.rolled, count(answer.Queries, "edge:meshscope_request_duration_seconds_sum:increase1h"))
			require.Equal(t, c.rolled, count(answer.Queries, `edge:meshscope_info:last1h{reporter="waypoint"}`))
			want := times(mesh, int(c.length/derivedtest.Every))
			topology.SortFlows(want)
			require.Len(t, answer.Flows, len(want))
			for i, got := range answer.Flows {
				require.Equal(t, want[i].Key, got.Key)
				require.Equal(t, want[i].Reporter, got.Reporter)
				assertTraffic(t, want[i].Traffic, got.Traffic)
			}
		})
	}
}

// count counts the queries for a series.
func count(asked []source.Query, name string) (n int) {
	for _, q := range asked {
		if strings.Contains(q.Text, name+"[") {
			n++
		}
	}
	return n
}
