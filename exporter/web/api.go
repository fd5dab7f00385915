package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// graphAPI serves /api/v1/graph.
type graphAPI struct {
	shared *shared
	now    func() time.Time
}

// ServeHTTP answers one question.
func (a *graphAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPost:
		w.Header().Set("Allow", "GET, HEAD")
		writeError(w, Errorf(ErrorMethod, "POST: not supported by this version yet"))
		return
	default:
		w.Header().Set("Allow", "GET, HEAD")
		writeError(w, Errorf(ErrorMethod, "%s: no such method here (want GET)", r.Method))
		return
	}
	params, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		writeError(w, Errorf(ErrorBadData, "the query string cannot be read: %w", err))
		return
	}
	q, err := ParseQuestion(params, a.now())
	if err != nil {
		writeError(w, &Error{Type: ErrorBadData, Err: err})
		return
	}
	answer, err := a.shared.Graph(r.Context(), q)
	if err != nil {
		writeError(w, err)
		return
	}
	header := w.Header()
	header.Set("Content-Type", answer.ContentType)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Length", strconv.Itoa(len(answer.Body)))
	_, _ = w.Write(answer.Body) // the client is gone, if anything
}
