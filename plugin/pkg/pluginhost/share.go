package pluginhost

import (
	"context"
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/meshscope/meshscope/exporter/share"
)

// What viewers share, in three places: the answer to one query, with its
// frames; flows, which queries of all types are made from; and the looks by
// which it is chosen where these come from. Only those share who come with the
// same identity (see sender).
const (
	// maxAnswers is how many queries are answered at a time. Each may take the
	// memory of a whole mesh, and more wait.
	maxAnswers = 16
	// maxFlows is how many answers of the store are read at a time.
	maxFlows = 4
	// keepFlows is for how long who asks for the same flows over the same range,
	// to the millisecond, gets them without the store being asked: the panels of
	// a dashboard, one after the other. It is below any interval of scraping, and
	// what refreshes asks for a new range.
	keepFlows = 5 * time.Second
	// maxKeptFlows bounds the memory for that, maxKeptAnswers their number.
	maxKeptFlows, maxKeptAnswers = 20_000, 8
)

func newResponses() *share.Answers[backend.DataResponse] {
	return share.New(share.Options[backend.DataResponse]{Workers: maxAnswers})
}

// together answers a query for all who ask the same at the same time.
func (i *Instance) together(ctx context.Context, q backend.DataQuery) backend.DataResponse {
	who, ok := i.forwarding.sender(ctx)
	if !ok {
		return i.answer(ctx, q)
	}
	response, err := i.responses.Ask(ctx, share.Question[backend.DataResponse]{
		Key: fmt.Sprintf("%s %q %q %d %d %d %d %s", who, q.RefID, q.QueryType,
			q.TimeRange.From.UnixNano(), q.TimeRange.To.UnixNano(), q.Interval, q.MaxDataPoints, q.JSON),
		Answer: func(ctx context.Context, _ time.Time) (backend.DataResponse, error) {
			response := i.answer(ctx, q)
			for _, frame := range response.Frames {
				if frame.RefID == "" {
					frame.RefID = q.RefID // else each one's SDK would set it
				}
			}
			return response, nil
		},
	})
	if err != nil { // who asked no longer waits
		return failed(err)
	}
	return response
}
