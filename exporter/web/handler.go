// Package web is the exporter's HTTP interface: its pages and API (Handler), and the server for them (Server).
//
// It knows nothing of topology. Metrics, graphs and the state of the program are given by Options.
package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// Options are what the pages show. Metrics, Graph, Ready and Reload are required.
type Options struct {
	// Version is shown on the landing page.
	Version string
	// Metrics serves /metrics.
	Metrics http.Handler
	// Graph answers /api/v1/graph.
	Graph Grapher
	// Kiali reads the questions under KialiRoot; nil serves none.
	Kiali KialiReader
	// Ready returns why the program is not ready, nil when it is.
	Ready func() error
	// Reload loads the configuration again, and returns why it was not taken over.
	Reload func() error
	// EnableLifecycle permits a reload by HTTP.
	EnableLifecycle bool
	// Logger takes what the clients cannot be told; nil drops it.
	Logger log.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// NewHandler returns the handler of all paths.
func NewHandler(o Options) (http.Handler, error) {
	if o.Metrics == nil || o.Graph == nil || o.Ready == nil || o.Reload == nil {
		return nil, errors.New("web: Metrics, Graph, Ready and Reload are required")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = log.NewNopLogger()
	}
	landing, err := newLandingPage(o.Version)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", landing)
	mux.Handle("GET /metrics", o.Metrics)
	mux.HandleFunc("GET /-/healthy", healthy)
	mux.HandleFunc("GET /-/ready", ready(o.Ready))
	mux.HandleFunc("/-/reload", reload(o))
	shared := newShared(o.Now, o.Logger)
	mux.Handle("/api/v1/graph", &graphAPI{shared: shared, grapher: o.Graph, now: o.Now})
	mux.HandleFunc("/api/", noSuchPath)
	if o.Kiali != nil {
		mux.Handle(KialiRoot, &kialiAPI{shared: shared, read: o.Kiali, now: o.Now})
	}
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux, nil
}

// healthy answers that the process is alive.
func healthy(w http.ResponseWriter, _ *http.Request) {
	writeText(w, http.StatusOK, "Meshscope is healthy.")
}

func ready(why func() error) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if err := why(); err != nil {
			writeText(w, http.StatusServiceUnavailable, fmt.Sprintf("Meshscope is not ready: %v.", err))
			return
		}
		writeText(w, http.StatusOK, "Meshscope is ready.")
	}
}

func reload(o Options) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !o.EnableLifecycle:
			writeText(w, http.StatusForbidden, "Reloading by HTTP is switched off: it needs --web.enable-lifecycle.")
		case r.Method != http.MethodPost:
			w.Header().Set("Allow", http.MethodPost)
			writeText(w, http.StatusMethodNotAllowed, "Reloading takes a POST.")
		default:
			if err := o.Reload(); err != nil {
				level.Debug(o.Logger).Log("msg", "reload by HTTP failed", "err", err)
				writeText(w, http.StatusInternalServerError, fmt.Sprintf("The configuration was not reloaded:\n%v", err))
				return
			}
			writeText(w, http.StatusOK, "The configuration was reloaded.")
		}
	}
}

func noSuchPath(w http.ResponseWriter, r *http.Request) {
	writeError(w, Errorf(ErrorNotFound, "no such path: %s", r.URL.Path))
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // the client is gone, if anything
}
