package pluginhost_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/pluginhost"
)

// as is the context of a request that comes with headers, as the SDK makes it.
// That it does so is TestViewers' of the built plugin.
func as(ctx context.Context, headers map[string]string) context.Context {
	return httpclient.WithContextualMiddleware(ctx, httpclient.MiddlewareFunc(func(o httpclient.Options, next http.RoundTripper) http.RoundTripper {
		return httpclient.RoundTripperFunc(func(r *http.Request) (*http.Response, error) {
			for name, value := range headers {
				if r.Header.Get(name) == "" && o.ForwardHTTPHeaders {
					r.Header.Set(name, value)
				}
			}
			return next.RoundTrip(r)
		})
	}))
}

const viewers = 50

// allAsk lets so many ask at once, each in a context of his own, and looks that
// all get an answer, which Grafana could send on.
func allAsk(t *testing.T, i *pluginhost.Instance, end time.Time, asked func(viewer int) string, ctx func(viewer int) context.Context) {
	t.Helper()
	var group sync.WaitGroup
	for viewer := range viewers {
		group.Go(func() {
			response, err := i.QueryData(ctx(viewer), &backend.QueryDataRequest{Queries: []backend.DataQuery{query("A", end, asked(viewer))}})
			if assert.NoError(t, err) && assert.NoError(t, response.Responses["A"].Error) {
				assert.NotZero(t, response.Responses["A"].Frames[0].Rows())
				_, err := backend.ToProto().QueryDataResponse(backend.DataFrameFormat_ARROW, response)
				assert.NoError(t, err)
			}
		})
	}
	group.Wait()
}

func theSame(asked string) func(int) string { return func(int) string { return asked } }

// patient is a data source that waits for its store, however busy the machine is.
func patient(t testing.TB, url string) *pluginhost.Instance {
	t.Helper()
	return instance(t, backend.DataSourceInstanceSettings{URL: url, JSONData: []byte(`{"timeout": 60}`)})
}

// filled is a store with a mesh in it.
func filled(t testing.TB, edges int) *derivedtest.Store {
	t.Helper()
	store := derivedtest.Open(t)
	flows := derivedtest.Mesh(edges)
	store.Assess(derivedtest.Judged(flows))
	store.Publish(flows, 30)
	return store
}

// TestViewersShare: who asks the same at once makes the store work once. What
// differs is only what is made of its answers.
func TestViewersShare(t *testing.T) {
	store := filled(t, 200)
	end := store.Now
	for name, asked := range map[string]func(int) string{
		"the same query": theSame(`{}`),
		"queries that need the same": func(viewer int) string {
			return []string{`{}`, `{"level": "app"}`, `{"filter": "edge.errorRatio > 0"}`, `{"limit": 7}`, `{"namespaces": ["namespace-0*"]}`}[viewer%5]
		},
	} {
		t.Run(name, func(t *testing.T) {
			u := newUpstream(t, store.URL)
			i := patient(t, u.URL)
			allAsk(t, i, end, asked, func(int) context.Context { return t.Context() })
			for question, n := range u.questions("") {
				assert.Equal(t, 1, n, question)
			}
			before := u.requests()
			assert.Greater(t, before, 5)
			allAsk(t, i, end.Add(-time.Millisecond), asked, func(int) context.Context { return t.Context() })
			assert.Equal(t, 2*before, u.requests(), "another range is")
		})
	}
}

// TestIdentitiesDoNotShare: each sort of header that a store may tell viewers
// apart by keeps them apart, and arrives; what tells panels apart does neither.
func TestIdentitiesDoNotShare(t *testing.T) {
	store := filled(t, 50)
	for _, header := range []string{"Authorization", "X-Id-Token", "Cookie", "X-Grafana-User", "X-Scope-Orgid", "X-Prom-Label-Policy", "Fromalert"} {
		t.Run(header, func(t *testing.T) {
			u := newUpstream(t, store.URL)
			allAsk(t, patient(t, u.URL), store.Now, theSame(`{}`), func(viewer int) context.Context {
				return as(t.Context(), map[string]string{
					header:             []string{"alice", "bob"}[viewer%2],
					"X-Query-Group-Id": fmt.Sprint(viewer), "X-Panel-Id": fmt.Sprint(viewer), "X-Dashboard-Uid": "d",
				})
			})
			byQuestion := map[upstreamKey]int{}
			for question, n := range u.questions(header) {
				assert.Equal(t, 1, n, question)
				assert.Contains(t, []string{"alice", "bob"}, question.identity)
				byQuestion[upstreamKey{question.query, question.at, ""}]++
			}
			assert.Greater(t, len(byQuestion), 5)
			for question, identities := range byQuestion {
				assert.Equal(t, 2, identities, question)
			}
			for _, unwanted := range []string{"X-Query-Group-Id", "X-Panel-Id", "X-Dashboard-Uid"} {
				assert.False(t, u.headers()[unwanted], unwanted)
			}
		})
	}
}

// TestGrafanaID: Grafana's own token differs from user to user. It is sent only
// if that is set.
func TestGrafanaID(t *testing.T) {
	store := filled(t, 50)
	for jsonData, identities := range map[string]int{`{}`: 1, `{"forwardGrafanaId": true}`: 2} {
		u, end := newUpstream(t, store.URL), store.Now
		i := instance(t, backend.DataSourceInstanceSettings{URL: u.URL, JSONData: []byte(jsonData)})
		allAsk(t, i, end, theSame(`{}`), func(viewer int) context.Context {
			return as(t.Context(), map[string]string{"X-Grafana-Id": []string{"alice", "bob"}[viewer%2]})
		})
		seen := map[string]bool{}
		for question, n := range u.questions("X-Grafana-Id") {
			assert.Equal(t, 1, n, question)
			seen[question.identity] = true
		}
		assert.Len(t, seen, identities)
		assert.Equal(t, identities == 1, seen[""])
	}
}

// TestOwnHeadersAreSent: what is set for the data source itself is sent,
// whatever it is called.
func TestOwnHeadersAreSent(t *testing.T) {
	store := filled(t, 20)
	u, end := newUpstream(t, store.URL), store.Now
	i := instance(t, backend.DataSourceInstanceSettings{
		URL:                     u.URL,
		JSONData:                []byte(`{"httpHeaderName1": "x-panel-id", "httpHeaderName2": "X-Scope-OrgID"}`),
		DecryptedSecureJSONData: map[string]string{"httpHeaderValue1": "own", "httpHeaderValue2": "tenant"},
	})
	allAsk(t, i, end, theSame(`{}`), func(int) context.Context {
		return as(t.Context(), map[string]string{"X-Panel-Id": "5", "X-Scope-OrgID": "other"})
	})
	for _, q := range u.asked {
		assert.Equal(t, "own", q.header.Get("X-Panel-Id"))
		assert.Equal(t, "tenant", q.header.Get("X-Scope-Orgid"))
	}
}

// TestLeaverFailsNoOther: the first to ask goes away, and the others get their
// answer from what was begun for him.
func TestLeaverFailsNoOther(t *testing.T) {
	store := filled(t, 50)
	u, end := newUpstream(t, store.URL), store.Now
	arrived, release := make(chan struct{}, 100), make(chan struct{})
	u.Before = func(http.ResponseWriter, *http.Request) bool {
		arrived <- struct{}{}
		<-release
		return false
	}
	i := patient(t, u.URL)
	ctx, leave := context.WithCancel(t.Context())
	gone := make(chan backend.DataResponse, 1)
	go func() {
		response, _ := i.QueryData(ctx, &backend.QueryDataRequest{Queries: []backend.DataQuery{query("A", end, `{}`)}})
		gone <- response.Responses["A"]
	}()
	<-arrived
	others := make(chan struct{})
	go func() {
		defer close(others)
		allAsk(t, i, end, theSame(`{}`), func(int) context.Context { return t.Context() })
	}()
	time.Sleep(50 * time.Millisecond) // for them to be waiting; if they were not, they would ask anew below
	leave()
	assert.EqualValues(t, 499, (<-gone).Status)
	close(release)
	<-others
	for question, n := range u.questions("") {
		assert.Equal(t, 1, n, question)
	}
}

// TestNobodyWaits: the store's work ends with the last who waits for it.
func TestNobodyWaits(t *testing.T) {
	ended := make(chan struct{}, 100)
	u := newUpstream(t, answers(t, http.StatusOK, "application/json", emptyStore))
	arrived := make(chan struct{}, 100)
	u.Before = func(_ http.ResponseWriter, r *http.Request) bool {
		arrived <- struct{}{}
		<-r.Context().Done()
		ended <- struct{}{}
		return true
	}
	i := instance(t, backend.DataSourceInstanceSettings{URL: u.URL})
	ctx, leave := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			_, _ = i.QueryData(ctx, &backend.QueryDataRequest{Queries: []backend.DataQuery{query("A", time.Now(), `{}`)}})
		})
	}
	<-arrived
	leave()
	group.Wait()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the store still works")
	}
}

// TestErrorsAreNotRemembered: who asks again asks the store again.
func TestErrorsAreNotRemembered(t *testing.T) {
	store := filled(t, 50)
	u, end := newUpstream(t, store.URL), store.Now
	i := patient(t, u.URL)
	u.Before = func(w http.ResponseWriter, _ *http.Request) bool {
		http.Error(w, "busy", http.StatusServiceUnavailable)
		return true
	}
	require.ErrorContains(t, ask(t, i, end, `{}`).Error, "busy")
	u.Before = func(http.ResponseWriter, *http.Request) bool { return false }
	require.NoError(t, ask(t, i, end, `{}`).Error)
}

// TestNothingIsNotRemembered: what is not there yet may be there next.
func TestNothingIsNotRemembered(t *testing.T) {
	store := derivedtest.Open(t)
	i := instanceAt(t, store.URL)
	end := store.Now.Add(time.Minute)
	require.Zero(t, ask(t, i, end, `{}`).Frames[0].Rows())
	store.Publish(derivedtest.Mesh(20), 4)
	require.NotZero(t, ask(t, i, end, `{}`).Frames[0].Rows())
}
