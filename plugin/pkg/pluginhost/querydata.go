package pluginhost

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/config"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"golang.org/x/sync/errgroup"

	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// defaultConcurrency is how many queries run at once where Grafana does not say.
const defaultConcurrency = 10

// QueryData answers each query by itself: a failure of one is no other's.
func (i *Instance) QueryData(ctx context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	answers := make([]backend.DataResponse, len(req.Queries))
	var group errgroup.Group
	group.SetLimit(concurrency(ctx))
	for at, q := range req.Queries {
		group.Go(func() error {
			answers[at] = i.together(ctx, q)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	response := backend.NewQueryDataResponse()
	for at, q := range req.Queries {
		response.Responses[q.RefID] = answers[at]
	}
	return response, nil
}

func concurrency(ctx context.Context) int {
	n, err := config.GrafanaConfigFromContext(ctx).ConcurrentQueryCount()
	if err != nil || n < 1 {
		return defaultConcurrency
	}
	return n
}

// answer is the answer to one query, in whatever way it ends.
func (i *Instance) answer(ctx context.Context, q backend.DataQuery) (response backend.DataResponse) {
	defer func() {
		if r := recover(); r != nil {
			backend.Logger.FromContext(ctx).Error("A query ended in a panic", "refId", q.RefID, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			response = failed(errInternal)
		}
	}()
	frames, err := i.frames(ctx, q)
	if err != nil {
		backend.Logger.FromContext(ctx).Debug("A query failed", "refId", q.RefID, "outcome", outcome(err))
		return failed(err)
	}
	return backend.DataResponse{Frames: frames, Status: backend.StatusOK}
}

// frames are what a query asks for.
func (i *Instance) frames(ctx context.Context, asked backend.DataQuery) (data.Frames, error) {
	if i.broken != nil {
		return nil, invalid(i.broken)
	}
	ask, err := questionOf(asked)
	if err != nil {
		return nil, err
	}
	switch ask.Type {
	case query.TypeNodes, query.TypeEdges:
		return i.table(ctx, ask)
	case query.TypeHealth:
		return i.verdicts(ctx, ask)
	case query.TypeTraffic:
		return i.traffic(ctx, ask)
	case query.TypeChanges:
		return i.changes(ctx, ask)
	case query.TypeValues:
		return i.values(ctx, ask)
	default:
		return i.graph(ctx, ask)
	}
}
