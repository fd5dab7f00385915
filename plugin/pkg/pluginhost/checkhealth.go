package pluginhost

import (
	"context"
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/plugin/pkg/derived"
)

// CheckHealth asks the store, and tells what was found there.
func (i *Instance) CheckHealth(ctx context.Context, _ *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	if i.broken != nil {
		return unhealthy(i.broken.Error()), nil
	}
	found, err := i.source.Probe(ctx, time.Time{})
	if err != nil {
		backend.Logger.FromContext(ctx).Debug("The store failed a health check", "outcome", outcome(err))
		return unhealthy(unhealthyText(err)), nil
	}
	text, ok := foundText(found, i.now())
	if !ok {
		return unhealthy(text), nil
	}
	return &backend.CheckHealthResult{Status: backend.HealthStatusOk, Message: text}, nil
}

func unhealthy(text string) *backend.CheckHealthResult {
	return &backend.CheckHealthResult{Status: backend.HealthStatusError, Message: text}
}

// unhealthyText begins with what to look at, and then has what happened.
func unhealthyText(err error) string {
	switch promql.KindOf(err) {
	case promql.Unavailable:
		return "The store cannot be reached: " + err.Error()
	case promql.Timeout:
		return "The store does not answer in time: " + err.Error()
	case promql.Unauthorized:
		return "The store refuses the credentials: " + err.Error()
	case promql.NotPrometheus, promql.Unsupported, promql.Malformed:
		return "What answers is not a Prometheus-compatible API: " + err.Error()
	default:
		return "The store cannot be asked: " + err.Error()
	}
}

// foundText tells what was found; ok is false where there is nothing to show.
func foundText(f derived.Found, now time.Time) (text string, ok bool) {
	switch {
	case f.Edges > 0 && f.Refreshed.IsZero():
		return fmt.Sprintf("Found %s of %s.", count(f.Edges, "edge"), count(f.Namespaces, "namespace")), true
	case f.Edges > 0:
		return fmt.Sprintf("Found %s of %s, newest refresh %s ago.", count(f.Edges, "edge"), count(f.Namespaces, "namespace"), ago(now.Sub(f.Refreshed))), true
	case !f.Refreshed.IsZero():
		return fmt.Sprintf("The store answers and the exporter runs (newest refresh %s ago), but it has seen no traffic yet.", ago(now.Sub(f.Refreshed))), true
	case f.Raw:
		return "The store answers and has Istio's series, but no meshscope_* series: run the Meshscope exporter, and have this store scrape it.", false
	default:
		return "The store answers, but has neither meshscope_* nor istio_* series: is it the one that scrapes the mesh?", false
	}
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// ago is a duration as it is said: "8 s", "5 min", "3 h".
func ago(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", max(0, d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	default:
		return fmt.Sprintf("%.0f h", d.Hours())
	}
}
