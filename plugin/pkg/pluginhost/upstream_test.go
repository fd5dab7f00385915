package pluginhost_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// upstream is a proxy before a store that notes what it is asked.
type upstream struct {
	URL string
	// Before is called with each request, and may fail it.
	Before func(w http.ResponseWriter, r *http.Request) (done bool)

	mu    sync.Mutex
	asked []upstreamQuestion
}

// upstreamQuestion is one request.
type upstreamQuestion struct {
	query, at string
	header    http.Header
}

func newUpstream(t testing.TB, store string) *upstream {
	t.Helper()
	to, err := url.Parse(store)
	require.NoError(t, err)
	u := &upstream{Before: func(http.ResponseWriter, *http.Request) bool { return false }}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ErrorLog = quiet
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		form := bodyOf(t, r)
		u.mu.Lock()
		u.asked = append(u.asked, upstreamQuestion{form.Get("query"), form.Get("time") + form.Get("start") + form.Get("end"), r.Header.Clone()})
		u.mu.Unlock()
		if !u.Before(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	u.URL = server.URL
	return u
}

// bodyOf reads the form of a request, and leaves it to be read again.
func bodyOf(t testing.TB, r *http.Request) url.Values {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Errorf("a request that cannot be read: %v", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	if err != nil {
		t.Errorf("a form that cannot be read: %v", err)
	}
	return form
}

// questions are how often each was asked, by the values that a header had.
func (u *upstream) questions(header string) map[upstreamKey]int {
	u.mu.Lock()
	defer u.mu.Unlock()
	all := map[upstreamKey]int{}
	for _, q := range u.asked {
		all[upstreamKey{q.query, q.at, q.header.Get(header)}]++
	}
	return all
}

type upstreamKey struct{ query, at, identity string }

// forget begins anew.
func (u *upstream) forget() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.asked = nil
}

func (u *upstream) requests() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.asked)
}

// headers are all that came, by name.
func (u *upstream) headers() map[string]bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	all := map[string]bool{}
	for _, q := range u.asked {
		for name := range q.header {
			all[name] = true
		}
	}
	return all
}
