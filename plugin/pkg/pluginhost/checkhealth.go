package pluginhost

import (
	"context"
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/common/model"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/plugin/pkg/probe"
	"github.com/meshscope/meshscope/plugin/pkg/settings"
)

// CheckHealth asks the store, and tells what was found there.
func (i *Instance) CheckHealth(ctx context.Context, _ *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	if i.broken != nil {
		return unhealthy(i.broken.Error()), nil
	}
	found, err := i.probe.Look(ctx, time.Time{}, i.settings.SeriesSource == settings.SeriesRaw)
	if err != nil {
		backend.Logger.FromContext(ctx).Debug("The store failed a health check", "outcome", outcome(err))
		return unhealthy(unhealthyText(err)), nil
	}
	text, ok := i.foundText(found)
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
func (i *Instance) foundText(f probe.Found) (text string, ok bool) {
	if i.settings.SeriesSource == settings.SeriesRaw {
		return i.foundRaw(f)
	}
	refreshed := ago(i.now().Sub(f.Refreshed))
	switch {
	case f.Derived.Edges > 0 && f.Refreshed.IsZero():
		return fmt.Sprintf("Found %s.", edges(f.Derived)), true
	case f.Derived.Edges > 0:
		return fmt.Sprintf("Found %s, newest refresh %s ago.", edges(f.Derived), refreshed), true
	case !f.Refreshed.IsZero():
		return fmt.Sprintf("The store answers and the exporter runs (newest refresh %s ago), but it has seen no traffic yet.", refreshed), true
	case f.Raw.Edges > 0 && i.settings.SeriesSource == settings.SeriesDerived:
		return "The store answers and has Istio's series, but no meshscope_* series: run the Meshscope exporter, and have this store scrape it. " +
			"Or let the series come from Istio's own (seriesSource: auto).", false
	case f.Raw.Edges > 0:
		return i.foundRaw(f)
	default:
		return "The store answers, but has neither meshscope_* nor istio_* series: is it the one that scrapes the mesh?", false
	}
}

func (i *Instance) foundRaw(f probe.Found) (text string, ok bool) {
	if f.Raw.Edges == 0 {
		return "The store answers, but has no istio_* series: is it the one that scrapes the mesh?", false
	}
	return fmt.Sprintf("Found about %s in Istio's own series: ranges of up to %s can be drawn. The Meshscope exporter makes long ones possible.",
		edges(f.Raw), model.Duration(i.settings.RawMaxRange)), true
}

func edges(e probe.Edges) string {
	return count(e.Edges, "edge") + " of " + count(e.Namespaces, "namespace")
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
