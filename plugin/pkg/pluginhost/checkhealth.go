package pluginhost

import (
	"context"
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/common/model"

	"github.com/meshscope/meshscope/plugin/pkg/probe"
	"github.com/meshscope/meshscope/plugin/pkg/settings"
)

// CheckHealth asks the store, and tells what was found there.
func (i *Instance) CheckHealth(ctx context.Context, _ *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	if i.broken != nil {
		return unhealthy(i.broken.Error()), nil
	}
	found, last, err := i.look(ctx)
	if err != nil {
		backend.Logger.FromContext(ctx).Debug("The store failed a health check", "outcome", outcome(err))
		return unhealthy(unhealthyText(err)), nil
	}
	text, ok := i.foundText(found, last)
	if name := probe.StoreName(ctx, i.store); name != "" {
		text += " The store is " + name + "."
	}
	if !ok {
		return unhealthy(text), nil
	}
	return &backend.CheckHealthResult{Status: backend.HealthStatusOk, Message: text}, nil
}

// look tells what there is in the store, and when the exporter refreshed last.
func (i *Instance) look(ctx context.Context) (found probe.Found, last time.Time, err error) {
	found, err = i.looks.Look(ctx, time.Time{}, i.settings.SeriesSource == settings.SeriesRaw)
	last = found.Refreshed
	if err == nil && last.IsZero() && found.Derived.Edges == 0 && i.settings.SeriesSource != settings.SeriesRaw {
		last, err = i.looks.LastRefresh(ctx, time.Time{})
	}
	return found, last, err
}

func unhealthy(text string) *backend.CheckHealthResult {
	return &backend.CheckHealthResult{Status: backend.HealthStatusError, Message: text}
}

// stale is from when on a refresh is too old for anybody's interval.
const stale = 5 * time.Minute

// foundText tells what was found; ok is false where there is nothing to show,
// or only what was before.
func (i *Instance) foundText(f probe.Found, last time.Time) (text string, ok bool) {
	if i.settings.SeriesSource == settings.SeriesRaw {
		return i.foundRaw(f)
	}
	age := i.now().Sub(last)
	isStale, refreshed := age > stale, ago(age)
	canBeRaw := f.Raw.Edges > 0 && i.settings.SeriesSource == settings.SeriesAuto
	switch {
	case f.Derived.Edges > 0 && last.IsZero():
		return fmt.Sprintf("Found %s in the exporter's series.", edges(f.Derived)), true
	case f.Derived.Edges > 0 && isStale:
		return fmt.Sprintf("The exporter's series are stale: they have %s, but the newest refresh was %s ago. Does the exporter reach its store? Its log says more.",
			edges(f.Derived), refreshed), false
	case f.Derived.Edges > 0:
		return fmt.Sprintf("Found %s in the exporter's series, newest refresh %s ago.", edges(f.Derived), refreshed), true
	case !last.IsZero() && !isStale:
		return fmt.Sprintf("The store answers and the exporter runs (newest refresh %s ago), but it has seen no traffic yet.", refreshed), true
	case !last.IsZero() && canBeRaw:
		text, ok = i.foundRaw(f)
		return fmt.Sprintf("The exporter's series ended %s ago. %s", refreshed, text), ok
	case !last.IsZero():
		return fmt.Sprintf("The exporter's series ended %s ago: does the exporter run, and does this store scrape it?", refreshed), false
	case canBeRaw:
		return i.foundRaw(f)
	case f.Raw.Edges > 0:
		return "The store answers and has Istio's series, but no meshscope_* series: run the Meshscope exporter, and have this store scrape it. " +
			"Or let the series come from Istio's own (seriesSource: auto).", false
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
