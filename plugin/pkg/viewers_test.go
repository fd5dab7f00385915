package main_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/pluginhost"
)

// TestViewers lets fifty viewers ask the built plugin at once, as Grafana does
// for them: with headers of who asks and of what asks. The store is asked each
// question once for each identity, and told that one alone.
func TestViewers(t *testing.T) {
	skipInShort(t)
	store := derivedtest.Open(t)
	store.Publish(derivedtest.Mesh(100), 24)
	to, err := url.Parse(store.URL)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(to)

	type question struct{ form, user, token, cookie string }
	var mu sync.Mutex
	asked, names := map[question]int{}, map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked[question{r.URL.RawQuery, r.Header.Get("X-Grafana-User"), r.Header.Get("Authorization"), r.Header.Get("Cookie")}]++
		for name := range r.Header {
			names[name] = true
		}
		mu.Unlock()
		time.Sleep(20 * time.Millisecond)
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	g := start(t, backend.DataSourceInstanceSettings{
		ID: 1, UID: "mesh", Type: pluginhost.PluginID, Name: "Mesh", URL: server.URL, Updated: time.Now(), JSONData: []byte(`{"httpMethod": "GET"}`),
	})

	users := [...]string{"alice", "bob"}
	var group sync.WaitGroup
	for viewer := range 50 {
		group.Go(func() {
			user := users[viewer%len(users)]
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			answer, err := g.data.QueryData(ctx, backend.ToProto().QueryDataRequest(&backend.QueryDataRequest{
				PluginContext: g.context,
				// As Grafana has them: what it forwards has a prefix, but for the first two.
				Headers: map[string]string{
					"Authorization": "Bearer of-" + user, "Cookie": "session=" + user, "http_X-Grafana-User": user, "http_X-Grafana-Id": fmt.Sprint(viewer),
					"http_X-Query-Group-Id": fmt.Sprint(viewer), "http_X-Panel-Id": "5", "http_X-Dashboard-Uid": "d", "http_X-Panel-Title": "Mesh",
				},
				Queries: []backend.DataQuery{{RefID: "A", TimeRange: backend.TimeRange{From: store.Now.Add(-5 * time.Minute), To: store.Now}, JSON: []byte(`{}`)}},
			}))
			if !assert.NoError(t, err) {
				return
			}
			response, err := backend.FromProto().QueryDataResponse(answer)
			if assert.NoError(t, err) && assert.NoError(t, response.Responses["A"].Error) {
				assert.Len(t, response.Responses["A"].Frames, 2)
				assert.Equal(t, "A", response.Responses["A"].Frames[0].RefID)
			}
		})
	}
	group.Wait()

	forms := map[string]int{}
	for q, n := range asked {
		assert.Equal(t, 1, n, "%+v", q)
		assert.Equal(t, "Bearer of-"+q.user, q.token)
		assert.Equal(t, "session="+q.user, q.cookie)
		assert.Contains(t, users, q.user)
		forms[q.form]++
	}
	assert.Greater(t, len(forms), 5)
	for form, n := range forms {
		assert.Equal(t, len(users), n, form)
	}
	for name := range names {
		assert.False(t, strings.HasPrefix(name, "X-Panel") || strings.HasPrefix(name, "X-Dashboard") || name == "X-Query-Group-Id" || name == "X-Grafana-Id", name)
	}
}
