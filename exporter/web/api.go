package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// graphAPI serves /api/v1/graph.
type graphAPI struct {
	shared  *shared
	grapher Grapher
	now     func() time.Time
}

// ServeHTTP answers one question.
func (a *graphAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	params, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		writeError(w, Errorf(ErrorBadData, "the query string cannot be read: %w", err))
		return
	}
	var q Question
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		q, err = ParseQuestion(params, a.now())
	case http.MethodPost:
		q, err = parsePosted(params, http.MaxBytesReader(w, r.Body, maxQueryBytes), a.now())
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		err = Errorf(ErrorMethod, "%s: no such method here (want GET or POST)", r.Method)
	}
	if err != nil {
		if !errors.As(err, new(*Error)) {
			err = &Error{Type: ErrorBadData, Err: err}
		}
		writeError(w, err)
		return
	}
	a.shared.serve(w, r, q.inquiry(a.grapher))
}

// inquiry asks a grapher for q.
func (q Question) inquiry(g Grapher) Inquiry {
	return Inquiry{Key: q.key(), Answer: func(ctx context.Context, now time.Time) (Answer, error) {
		if q.Time.IsZero() {
			q.Time = now
		}
		return g.Graph(ctx, q)
	}}
}

// key is the same for the same questions.
func (q Question) key() string {
	var t int64
	if !q.Time.IsZero() {
		t = q.Time.UnixNano()
	}
	return fmt.Sprintf("%q %d %d %q %d %q %q %q %t %t %t %s", q.Level, t, q.Window, q.Output, q.Width,
		q.Namespaces, q.Clusters, q.Protocols, q.ServiceNodes, q.Idle, q.Waypoints, q.partKey())
}

// serve answers one inquiry.
func (s *shared) serve(w http.ResponseWriter, r *http.Request, i Inquiry) {
	answer, err := s.Ask(r.Context(), i)
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
