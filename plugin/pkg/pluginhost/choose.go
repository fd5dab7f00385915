package pluginhost

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/common/model"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/probe"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/settings"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// flowSource is where flows come from.
type flowSource interface {
	Flows(ctx context.Context, iv topology.Interval, q query.Query) (source.Answer, error)
	Courses(ctx context.Context, span source.Span, q query.Query, wanted []source.Wanted, to source.Taker) (source.Asked, error)
	Names(ctx context.Context, iv topology.Interval, q query.Query) (source.Names, error)
}

// prober tells what there is in a store.
type prober interface {
	Look(ctx context.Context, at time.Time, raw bool) (probe.Found, error)
	HasDerived(ctx context.Context, at time.Time) (bool, error)
	HasRaw(ctx context.Context, at time.Time) (bool, error)
}

// choice is where the flows of one query come from, and what to say of it.
type choice struct {
	flowSource

	raw    bool
	notice string
}

// choose tells where the flows of an interval come from: what is set, or else
// what there was at the interval's start. The derived series are cheaper and
// more exact, but know nothing from before there was an exporter.
func (i *Instance) choose(ctx context.Context, iv topology.Interval) (choice, error) {
	derived, raw := choice{flowSource: i.derived}, choice{flowSource: i.raw, raw: true}
	tooLong := iv.Length > i.settings.RawMaxRange
	switch i.settings.SeriesSource {
	case settings.SeriesDerived:
		return derived, nil
	case settings.SeriesRaw:
		if tooLong {
			return choice{}, invalid(i.tooLong(iv, "this data source is set to them (seriesSource: raw)"))
		}
		return raw, nil
	}

	begin := iv.End.Add(-iv.Length)
	if has, err := i.probe.HasDerived(ctx, begin); has || err != nil {
		return derived, err
	}
	raw.notice = "Drawn from Istio's own series, for at the start of this range there were none of the exporter's."
	if !tooLong {
		if has, err := i.probe.HasRaw(ctx, begin); has || err != nil {
			return raw, err
		}
	}
	hasDerived, err := i.probe.HasDerived(ctx, iv.End)
	if err != nil {
		return choice{}, err
	}
	if hasDerived {
		if tooLong {
			derived.notice = fmt.Sprintf("The exporter's series begin within this range: traffic before them is missing. Up to %s is drawn from Istio's own series instead.",
				model.Duration(i.settings.RawMaxRange))
		}
		return derived, nil
	}
	hasRaw, err := i.probe.HasRaw(ctx, iv.End)
	switch {
	case err != nil:
		return choice{}, err
	case hasRaw && tooLong:
		return choice{}, invalid(i.tooLong(iv, "there are none of the exporter's"))
	case hasRaw:
		return raw, nil
	}
	return derived, nil // and there is nothing: it will be said why
}

// tooLong refuses a range that would have the store read all of Istio's series
// over days.
func (i *Instance) tooLong(iv topology.Interval, why string) error {
	return fmt.Errorf("the range of %s is too long for Istio's own series, which are read for at most %s (setting rawMaxRange), and %s: "+
		"choose a shorter range, or run the Meshscope exporter, whose series are made for long ones",
		model.Duration(iv.Length.Truncate(time.Second)), model.Duration(i.settings.RawMaxRange), why)
}
