package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/app"
	"github.com/meshscope/meshscope/exporter/config"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/web"
)

// In the text of a command line, $DIR is a folder with these files.
var files = map[string]string{
	"good.yml": "prometheus: {url: 'http://prometheus:9090', matchers: ['mesh_id=\"m1\"']}\n",
	"warn.yml": "refresh: {lookback: 1m}\nlatency: {mode: off}\n",
	"bad.yml":  "refresh:\n  interval: 15 parsecs\n  lagg: 1s\n",
}

func TestCommandLine(t *testing.T) {
	dir := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	for _, tc := range []struct {
		args           string
		status         int
		stdout, stderr string // regular expressions for all of it
	}{
		{"--version", 0, `meshscope, version (.|\n)*go version:(.|\n)*`, ``},
		{"--help", 0, `usage: meshscope (.|\n)*check-config <file>(.|\n)*`, ``},
		{"run --help", 0, `usage: meshscope run (.|\n)*--web.listen-address=:9877(.|\n)*`, ``},
		{"--nonsense", 2, ``, `meshscope: unknown long flag '--nonsense', try --help\n`},
		{"nonsense", 2, ``, `meshscope: .*nonsense.*, try --help\n`},
		{"--log.level=loud", 2, ``, `meshscope: enum value must be one of debug,info,warn,error, got 'loud', try --help\n`},

		{"check-config", 2, ``, `meshscope: required argument 'file' not provided, try --help\n`},
		{"check-config $DIR/none.yml", 1, ``, `cannot read the configuration: open \$DIR/none.yml: no such file or directory\n`},
		{"check-config $DIR/bad.yml", 1, ``, `\$DIR/bad.yml:2: refresh.interval: not a duration: "15 parsecs" \(want e.g. 15s, 5m\)
\$DIR/bad.yml:3: refresh.lagg: unknown key \(did you mean lag\?\)
`},
		{"check-config $DIR/good.yml", 0, `\$DIR/good.yml: valid
  store:     http://prometheus:9090, 4 queries at a time, each at most 30s
  matchers:  mesh_id="m1"
  refresh:   every 15s, in steps of 15s, 10s late; bridges gaps of 5m, catches up on 1h
  latency:   histogram, every 1m
  waypoints: \*/waypoint
  limits:    10000 edges, 500000 series; idle edges leave after 1h, stale series after 5m
`, ``},
		{"check-config $DIR/warn.yml", 0, `(.|\n)*  latency:   off\n(.|\n)*\$DIR/warn.yml: warning: refresh.lookback is 1m: .*\n`, ``},

		{"graph", 0, `workload  2026-01-02T15:04:05Z 10m0s table`, ``},
		{"graph --level=app --namespace=b --namespace a --window=1h --output=dot --time=1700000000", 0, `app a,b 2023-11-14T22:13:20Z 1h0m0s dot`, ``},
		{"graph --config.file=$DIR/bad.yml", 1, ``, `(.|\n)*unknown key(.|\n)*`},
		{"graph --prometheus.url=localhost", 1, ``, `--prometheus.url: not an http or https URL: "localhost" .*\n`},
		{"graph --filter=edge.p95>1 --focus=bookinfo/reviews --depth=2 --direction=in --limit=5", 0, `workload  2026-01-02T15:04:05Z 10m0s table edge.p95>1 reviews 2 in 5`, ``},
		{"graph --filter=edge.p96>1", 2, ``, `meshscope: --filter: column 6: edge has no field "p96"; did you mean p95\?\n`},
		{"graph --focus=/", 2, ``, `meshscope: --focus: not a node: "/" \(want \[kind:\]\[\[cluster/\]namespace/\]name\)\n`},
		{"graph --depth=2", 2, ``, `meshscope: --depth: is of a focus, and there is none\n`},
		{"graph --limit=0", 2, ``, `meshscope: --limit: not a number of nodes or calls: "0" \(want 1 to 1000000\)\n`},
		{"graph --output=kiali --service-nodes --idle", 0, `workload  2026-01-02T15:04:05Z 10m0s kiali`, ``},
		{"graph --output=kiali --level=cluster", 2, ``, `meshscope: --level: no graph of clusters in Kiali's form .*\n`},
		{"graph --output=dot --output=json", 2, ``, `meshscope: --output: want one value\n`},
		{"graph --window=2d", 2, ``, `meshscope: --window: too long: 2d \(want at most 1d\)\n`},

		{"run --config.file=$DIR/bad.yml", 1, ``, `(.|\n)*\$DIR/bad.yml:2: refresh.interval: not a duration(.|\n)*`},
		{"run --web.listen-address=nowhere:0:0", 1, ``, `(.|\n)*cannot serve HTTP: listen tcp: .*\n`},
		{"run --web.listen-address=127.0.0.1:0 --web.config.file=$DIR/none.yml", 1, ``, `(.|\n)*web configuration \$DIR/none.yml(.|\n)*`},
	} {
		t.Run(tc.args, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			p := program{stdout: &stdout, stderr: &stderr, now: testNow, newRefresher: newEcho}
			args := strings.Fields(strings.ReplaceAll(tc.args, "$DIR", dir))
			require.Equal(t, tc.status, p.run(t.Context(), args), stderr.String())
			require.Regexp(t, "^("+tc.stdout+")$", strings.ReplaceAll(stdout.String(), dir, "$DIR"))
			require.Regexp(t, "^("+tc.stderr+")$", strings.ReplaceAll(stderr.String(), dir, "$DIR"))
		})
	}
}

func TestRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "meshscope.yml")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	hangup := make(chan os.Signal)
	var log lines
	p := program{stdout: io.Discard, stderr: &log, hangup: hangup, now: testNow, newRefresher: newEcho}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		// The default command, with a flag of its own.
		ended <- p.run(ctx, []string{"--config.file", file, "--web.listen-address=127.0.0.1:0", "--log.format=json"})
	}()

	address := log.wait(t, `"msg":"Listening on","address":"([^"]*)"|"address":"([^"]*)".*"msg":"Listening on"`)
	response, err := http.Get("http://" + address + "/-/ready")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)

	hangup <- syscall.SIGHUP
	log.wait(t, `(configuration reloaded)`)
	require.NoError(t, os.WriteFile(file, []byte("limit: {}\n"), 0o600))
	hangup <- syscall.SIGHUP
	log.wait(t, `(meshscope.yml:1: limit: unknown key \(did you mean limits\?\))`)

	stop()
	require.Equal(t, exitOK, <-ended)
}

// The whole program, up to its own signal handling.
func TestRunEndsOnSignal(t *testing.T) {
	var log lines
	ended := make(chan int, 1)
	go func() {
		ended <- run([]string{"--web.listen-address=127.0.0.1:0", "--prometheus.url=http://127.0.0.1:1"}, io.Discard, &log)
	}()
	log.wait(t, `(Listening on)`)
	require.NoError(t, syscall.Kill(syscall.Getpid(), syscall.SIGTERM))
	require.Equal(t, exitOK, <-ended)
}

func testNow() time.Time { return time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC) }

// echo is a refresher that answers with the question.
type echo struct{ http.Handler }

func newEcho(app.RefresherOptions) (app.Refresher, error) { return echo{http.NotFoundHandler()}, nil }

func (echo) Run(ctx context.Context) error              { <-ctx.Done(); return nil }
func (echo) Apply(*config.Config, *promql.Client) error { return nil }
func (echo) Tried() bool                                { return true }
func (echo) Graph(_ context.Context, q web.Question) (web.Answer, error) {
	body := strings.Join([]string{
		q.Level, strings.Join(q.Namespaces, ","), q.Time.Format(time.RFC3339), q.Window.String(), q.Output,
	}, " ")
	if q.Filter != nil && q.Focus != nil {
		body += fmt.Sprint(" ", q.Filter, " ", q.Focus.Name, " ", q.Focus.Depth, " ", q.Focus.Direction, " ", q.Limit)
	}
	return web.Answer{Body: []byte(body)}, nil
}

func (echo) Kiali(string, url.Values, time.Time) (web.Inquiry, error) { return web.Inquiry{}, nil }

// lines collects a log.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// wait waits until pattern is in the log, and returns its first group that is not empty.
func (l *lines) wait(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	var found []string
	require.Eventually(t, func() bool {
		found = re.FindStringSubmatch(l.String())
		return found != nil
	}, time.Minute, time.Millisecond, "%s in the log", pattern)
	return strings.Join(found[1:], "")
}
