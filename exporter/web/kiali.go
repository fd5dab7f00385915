package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// KialiRoot is the path under which Kiali's API is served, as Kiali itself serves it.
const KialiRoot = "/kiali/api/"

// A KialiReader reads a request to Kiali's API: its path below KialiRoot, as it came, and its parameters. An error that
// is an *Error tells what to answer.
type KialiReader func(path string, params url.Values, now time.Time) (Inquiry, error)

// kialiAPI serves Kiali's graphs.
type kialiAPI struct {
	shared *shared
	read   KialiReader
	now    func() time.Time
}

// ServeHTTP answers one question. The form of an error is that of the other APIs, which has the one field of Kiali's.
func (a *kialiAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		writeError(w, Errorf(ErrorMethod, "%s: no such method here (want GET)", r.Method))
		return
	}
	params, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		writeError(w, Errorf(ErrorBadData, "the query string cannot be read: %w", err))
		return
	}
	inquiry, err := a.read(strings.TrimPrefix(r.URL.EscapedPath(), KialiRoot), params, a.now())
	if err != nil {
		writeError(w, err)
		return
	}
	a.shared.serve(w, r, inquiry)
}
