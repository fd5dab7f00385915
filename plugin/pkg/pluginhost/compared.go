package pluginhost

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/prometheus/common/model"
	"golang.org/x/sync/errgroup"

	"github.com/meshscope/meshscope/exporter/topology"
)

// compared reads the mesh of a range, and that of the range as long before it
// as the query says.
func (i *Instance) compared(ctx context.Context, ask question) (mesh, error) {
	before := ask
	before.interval.End = ask.interval.End.Add(-ask.CompareOffset)
	before.Remarks = nil
	offset := model.Duration(ask.CompareOffset).String()

	// Both ranges are read from the same series: the two sources are not exact
	// in the same way, and what differs between them would look like a change.
	from, err := i.choose(ctx, before.interval)
	if err != nil {
		return mesh{}, fmt.Errorf("comparing with %s before (compareOffset): %w", offset, err)
	}
	if from.notice != "" {
		from.notice = fmt.Sprintf("Of the range %s before: %s", offset, from.notice)
	}
	var now, then mesh
	group, reading := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		now, err = i.meshFrom(reading, ask, from)
		return err
	})
	group.Go(func() (err error) {
		then, err = i.meshFrom(reading, before, from)
		return err
	})
	if err := group.Wait(); err != nil {
		return mesh{}, err
	}
	if len(then.Edges) == 0 {
		return i.alone(ctx, ask, now, nothingThen(before.interval, offset))
	}
	now.Executed = strings.TrimSpace(then.Executed + "\n" + now.Executed)
	for _, lack := range then.lacks {
		lack.Text = fmt.Sprintf("Of the range %s before: %s", offset, lack.Text)
		now.Notices = append(now.Notices, lack)
	}
	now.Then = then.Graph
	if ask.CompareOffset < ask.interval.Length {
		now.Notices = append(now.Notices, data.Notice{
			Severity: data.NoticeSeverityInfo,
			Text: fmt.Sprintf("The range of %s and the one %s before overlap: what both have in common hides a part of the change.",
				model.Duration(ask.interval.Length.Truncate(time.Second)), offset),
		})
	}
	return now, nil
}

// alone is the mesh of a range that there is nothing to compare with: from where
// it would be read by itself.
func (i *Instance) alone(ctx context.Context, ask question, now mesh, told data.Notice) (mesh, error) {
	from, err := i.choose(ctx, ask.interval)
	if err != nil {
		return mesh{}, err
	}
	if from.raw != now.from.raw {
		if now, err = i.meshFrom(ctx, ask, from); err != nil {
			return mesh{}, err
		}
	}
	if len(now.Edges) > 0 {
		now.Notices = append(now.Notices, told)
	}
	return now, nil
}

// nothingThen tells that there is nothing to compare with: were there no word,
// all would seem unchanged.
func nothingThen(iv topology.Interval, offset string) data.Notice {
	return data.Notice{
		Severity: data.NoticeSeverityWarning,
		Text: fmt.Sprintf("Nothing is compared: there was no traffic in the range %s before, from %s to %s.",
			offset, iv.End.Add(-iv.Length).UTC().Format(time.RFC3339), iv.End.UTC().Format(time.RFC3339)),
	}
}
