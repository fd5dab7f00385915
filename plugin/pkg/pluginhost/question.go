package pluginhost

import (
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// question is what one query of Grafana's asks.
type question struct {
	query.Query

	interval topology.Interval
	// step and points are what Grafana asks time series for: how far its points
	// are apart, and how many there are at most. Neither need be set.
	step   time.Duration
	points int64
}

// questionOf reads a query as Grafana sends it.
func questionOf(asked backend.DataQuery) (question, error) {
	q, err := query.Parse(asked.JSON)
	if err != nil {
		return question{}, invalid(err)
	}
	iv, err := interval(asked.TimeRange)
	if err != nil {
		return question{}, invalid(err)
	}
	return question{Query: q, interval: iv, step: asked.Interval, points: asked.MaxDataPoints}, nil
}

// interval is the range asked, whatever time it is now.
func interval(r backend.TimeRange) (topology.Interval, error) {
	end := r.To.Truncate(time.Millisecond) // what stores and dashboards count in
	length := end.Sub(r.From.Truncate(time.Millisecond))
	if length <= 0 {
		return topology.Interval{}, fmt.Errorf("the time range is empty: from %s to %s", r.From.UTC().Format(time.RFC3339), r.To.UTC().Format(time.RFC3339))
	}
	return topology.Interval{End: end, Length: length}, nil
}
