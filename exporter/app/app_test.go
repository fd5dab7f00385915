package app_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/app"
	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/web"
)

// fakeRefresher is a Refresher that does as it is told.
type fakeRefresher struct {
	http.Handler
	options app.RefresherOptions
	tried   atomic.Bool
	running chan struct{} // closed when Run has begun
	fail    chan error    // ends Run
	refuse  error         // of Apply

	mu   sync.Mutex
	seen []*config.Config
}

// applied returns the configurations that were applied.
func (f *fakeRefresher) applied() []*config.Config {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.seen)
}

func (f *fakeRefresher) new(o app.RefresherOptions) (app.Refresher, error) {
	f.options = o
	f.Handler = promhttp.HandlerFor(o.Registry, promhttp.HandlerOpts{})
	f.running, f.fail = make(chan struct{}), make(chan error, 1)
	return f, nil
}

func (f *fakeRefresher) Run(ctx context.Context) error {
	close(f.running)
	select {
	case err := <-f.fail:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *fakeRefresher) Apply(cfg *config.Config, client *promql.Client) error {
	if f.refuse != nil {
		return f.refuse
	}
	if client == nil {
		return errors.New("no client")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, cfg)
	return nil
}

func (f *fakeRefresher) Tried() bool { return f.tried.Load() }

func (f *fakeRefresher) Graph(_ context.Context, q web.Question) (web.Answer, error) {
	return web.Answer{Body: []byte("graph by " + q.Level), ContentType: "text/plain"}, nil
}

func (f *fakeRefresher) Kiali(path string, _ url.Values, _ time.Time) (web.Inquiry, error) {
	return web.Inquiry{Key: path, Answer: func(context.Context, time.Time) (web.Answer, error) {
		return web.Answer{Body: []byte("kiali " + path), ContentType: "text/plain"}, nil
	}}, nil
}

// start runs an App until the test ends.
func start(t *testing.T, o app.Options) *app.App {
	t.Helper()
	o.ListenAddresses = []string{"127.0.0.1:0"}
	a, err := app.New(o)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	return a
}

func get(t *testing.T, a *app.App, path string) (status int, body string) {
	t.Helper()
	response, err := http.Get("http://" + a.Addresses()[0] + path)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(text)
}

func TestApp(t *testing.T) {
	fake := new(fakeRefresher)
	a := start(t, app.Options{NewRefresher: fake.new})
	<-fake.running
	require.Equal(t, config.Default(), fake.options.Config)

	status, body := get(t, a, "/-/ready")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, body, "the first refresh has not been tried yet")
	fake.tried.Store(true)
	status, _ = get(t, a, "/-/ready")
	require.Equal(t, http.StatusOK, status)

	_, body = get(t, a, "/api/v1/graph?level=app")
	require.Equal(t, "graph by app", body)

	_, body = get(t, a, "/metrics")
	for _, name := range []string{
		"meshscope_build_info{", "meshscope_config_last_reload_successful 1", "meshscope_config_last_reload_success_timestamp_seconds ",
		"go_goroutines ", "process_start_time_seconds ",
	} {
		require.Contains(t, body, name)
	}
}

func TestReload(t *testing.T) {
	file := filepath.Join(t.TempDir(), "meshscope.yml")
	write := func(text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o600)) }
	write("latency: {mode: off}\n")
	fake, logged := new(fakeRefresher), new(bytes.Buffer)
	a := start(t, app.Options{
		Source:          app.Source{File: file, PrometheusURL: "http://localhost:1"},
		EnableLifecycle: true,
		NewRefresher:    fake.new,
		Logger:          log.NewLogfmtLogger(log.NewSyncWriter(logged)),
	})
	require.Equal(t, config.LatencyOff, fake.options.Config.Latency.Mode)

	write("latency: {mode: summary}\n")
	response, err := http.Post("http://"+a.Addresses()[0]+"/-/reload", "", nil)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Len(t, fake.applied(), 1)
	require.Equal(t, config.LatencySummary, fake.applied()[0].Latency.Mode)
	require.Equal(t, "http://localhost:1", fake.applied()[0].Prometheus.URL.String(), "the flag still wins")

	write("latency: {mode: p99}\nrefresh: {lag: soon}\n")
	require.Error(t, a.Reload())
	require.Contains(t, logged.String(), file+":1: latency.mode: unknown mode")
	require.Contains(t, logged.String(), file+":2: refresh.lag: not a duration")
	_, body := get(t, a, "/metrics")
	require.Contains(t, body, "meshscope_config_last_reload_successful 0")

	write("prometheus: {http_client_config: {tls_config: {ca_file: none.pem}}}\n")
	require.ErrorContains(t, a.Reload(), filepath.Join(filepath.Dir(file), "none.pem"))
	write("")
	fake.refuse = errors.New("not now")
	require.ErrorIs(t, a.Reload(), fake.refuse)
	require.Len(t, fake.applied(), 1, "nothing else was taken over")
}

func TestNewFails(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	noLoop := errors.New("no loop")
	for _, tc := range []struct {
		name    string
		options app.Options
		want    string
	}{
		{"no file", app.Options{Source: app.Source{File: "none.yml"}}, "open none.yml: no such file or directory"},
		{"bad URL", app.Options{Source: app.Source{PrometheusURL: "localhost:9090"}}, "--prometheus.url: not an http or https URL"},
		{"no refresher", app.Options{NewRefresher: func(app.RefresherOptions) (app.Refresher, error) { return nil, noLoop }}, "no loop"},
		{"address in use", app.Options{ListenAddresses: []string{taken.Addr().String()}}, "address already in use"},
		{"bad web file", app.Options{WebConfigFile: "none.yml"}, "web configuration none.yml"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.options.NewRefresher == nil {
				tc.options.NewRefresher = new(fakeRefresher).new
			}
			_, err := app.New(tc.options)
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func TestRunEndsWhenRefreshingFails(t *testing.T) {
	fake := new(fakeRefresher)
	a, err := app.New(app.Options{NewRefresher: fake.new, ListenAddresses: []string{"127.0.0.1:0"}})
	require.NoError(t, err)
	broken := errors.New("broken")
	fake.fail <- broken
	require.ErrorIs(t, a.Run(t.Context()), broken)
	_, err = http.Get("http://" + a.Addresses()[0])
	require.Error(t, err, "no longer served")
}

func TestGraph(t *testing.T) {
	answer, err := app.Graph(t.Context(), app.Options{NewRefresher: new(fakeRefresher).new}, web.Question{Level: "service"})
	require.NoError(t, err)
	require.Equal(t, "graph by service", string(answer.Body))
	_, err = app.Graph(t.Context(), app.Options{Source: app.Source{File: "none.yml"}}, web.Question{})
	require.ErrorIs(t, err, os.ErrNotExist)
}
