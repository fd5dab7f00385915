package pluginhost

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

// busy is a source that takes a second, and notes how many it works for.
type busy struct {
	flowSource

	mu            sync.Mutex
	working, most int
}

func (b *busy) Flows(context.Context, topology.Interval, query.Query) (source.Answer, error) {
	b.count(1)
	time.Sleep(time.Second)
	b.count(-1)
	return source.Answer{}, nil
}

func (b *busy) count(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.working += n
	b.most = max(b.most, b.working)
}

func (*busy) Question(iv topology.Interval, q query.Query) (string, error) {
	return fmt.Sprint(iv, q.Limit), nil
}

// TestWorkIsBounded: viewers of different things wait for each other, so that
// the memory for all does not grow with their number. All get their answer.
func TestWorkIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &busy{}
		i := instanceOf(func(query.Query) source.Answer { return source.Answer{} })
		i.derived = shareFlows(b, i.forwarding)
		var group sync.WaitGroup
		for viewer := range 50 {
			group.Go(func() {
				response, err := i.QueryData(t.Context(), queries(fmt.Sprintf(`{"limit": %d}`, viewer+1)))
				if assert.NoError(t, err) {
					assert.NoError(t, response.Responses["A"].Error)
				}
			})
		}
		synctest.Wait()
		group.Wait()
		require.Equal(t, maxFlows, b.most)
	})
}
