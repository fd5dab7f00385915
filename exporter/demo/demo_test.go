package demo

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/demo/mesh"
)

func run(t *testing.T, o Options) *Demo {
	t.Helper()
	o.PrometheusAddress = "127.0.0.1:0"
	return runAs(t, o)
}

func runAs(t *testing.T, o Options) *Demo {
	t.Helper()
	o.DemoAddress = "127.0.0.1:0"
	d, err := New(o)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
		require.NoError(t, d.Close())
	})
	return d
}

func ask(t *testing.T, method, target string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, target, nil)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(body)
}

// TestDemo runs a demo with a past, and sees it go on by real scrapes. A pod
// that is replaced meanwhile is found again.
func TestDemo(t *testing.T) {
	asked := make(chan string, 1)
	d := run(t, Options{
		Mesh: mesh.Config{Seed: 1}, Interval: 2 * time.Second, History: time.Minute, ExporterAddress: "127.0.0.1:0",
		Exporter: func(ctx context.Context, s Surroundings) error {
			asked <- s.PrometheusURL
			<-ctx.Done()
			return nil
		},
	})
	require.Equal(t, d.PrometheusURL(), <-asked)

	from := time.Now()
	samples := func(expression string) float64 {
		vector, err := d.Store().Instant(t.Context(), expression, time.Now())
		require.NoError(t, err)
		if len(vector) == 0 {
			return 0
		}
		return vector[0].F
	}
	// A past of a minute has 30 scrapes of each of two pods; a slow machine takes a while to make it.
	require.Greater(t, samples(`sum(count_over_time(up{app="productpage"}[10m]))`), 50.0, "the past")

	require.NoError(t, d.Mesh().Set(mesh.Fault{Kind: mesh.Restart, DestinationNamespace: "bookinfo", DestinationWorkload: "productpage-v1"}))
	var pods []string
	for _, target := range d.Mesh().Targets() {
		if target.App == "productpage" {
			pods = append(pods, target.Pod)
		}
	}
	require.Len(t, pods, 2)
	require.Eventually(t, func() bool {
		return samples(`sum(up{job="kubernetes-pods",pod=~"`+strings.Join(pods, "|")+`"})`) == 2 &&
			samples(`sum(count_over_time(up{app="details"}[`+seconds(time.Since(from))+`]))`) > 2
	}, 2*time.Minute, 500*time.Millisecond)
}

func seconds(d time.Duration) string { return d.Round(time.Second).String() }

// TestMeshAlone lists what a Prometheus elsewhere is to scrape, in the form in
// which it asks for it.
func TestMeshAlone(t *testing.T) {
	d := runAs(t, Options{Mesh: mesh.Config{Seed: 1}, History: time.Minute})
	require.Nil(t, d.Store())
	require.Empty(t, d.PrometheusURL())

	// By the name that the mesh is asked by, its pods are found too.
	base := strings.Replace(d.URL(), "127.0.0.1", "localhost", 1)
	var groups []*targetgroup.Group
	status, body := ask(t, http.MethodGet, base+"/targets")
	require.Equal(t, http.StatusOK, status)
	require.NoError(t, json.Unmarshal([]byte(body), &groups))
	require.Len(t, groups, len(d.Mesh().Targets()))

	before := ""
	for _, group := range groups {
		require.Len(t, group.Targets, 1)
		address, path := string(group.Targets[0][model.AddressLabel]), string(group.Labels[model.MetricsPathLabel])
		require.Equal(t, base, "http://"+address)
		require.Less(t, before, path, "sorted")
		before = path
		require.Contains(t, path, "/"+string(group.Labels["namespace"])+"/"+string(group.Labels["pod"])+"/")
		require.NotEmpty(t, group.Labels[model.InstanceLabel])
		require.NotContains(t, group.Labels, model.LabelName(model.JobLabel), "it is the scrape configuration's")
	}
	require.Eventually(t, func() bool {
		status, body := ask(t, http.MethodGet, base+before)
		return status == http.StatusOK && strings.Contains(body, `istio_requests_total{reporter="`)
	}, time.Minute, 100*time.Millisecond, "the past is counted")

	_, body = ask(t, http.MethodGet, base+"/")
	require.Contains(t, body, base+"/targets ")
	require.NotContains(t, body, "Prometheus's API")
	require.NotContains(t, body, "the exporter's series")
}

func TestFaultsByHTTP(t *testing.T) {
	d := run(t, Options{ExporterAddress: "127.0.0.1:9"})
	fault := func(text string) string { return d.URL() + "/faults?fault=" + url.QueryEscape(text) }
	for _, step := range []struct {
		method, url string
		status      int
		want        string
	}{
		{http.MethodGet, d.URL() + "/faults", 200, `{"faults":[]}`},
		{http.MethodPost, fault("errors:bookinfo/reviews-v2->bookinfo/ratings-v1=0.5"), 200, `{"faults":["errors:bookinfo/reviews-v2->bookinfo/ratings-v1=0.5"]}`},
		{http.MethodPost, fault("latency:bookinfo/details-v1=1s"), 200, `"latency:bookinfo/details-v1=1000"]}`},
		{http.MethodPost, fault("latency:bookinfo/nobody=1s"), 400, `{"error":"fault \"latency:bookinfo/nobody=1000\": unknown workload bookinfo/nobody: in bookinfo there are`},
		{http.MethodPost, d.URL() + "/faults", 400, `{"error":"fault \"\": not of the form kind:[source->]destination[=value]`},
		{http.MethodGet, d.URL() + "/", 200, "  latency:bookinfo/details-v1=1000\n"},
		{http.MethodDelete, fault("plaintext:bookinfo/details-v1"), 404, `is not in force`},
		{http.MethodDelete, fault("latency:bookinfo/details-v1"), 200, `{"faults":["errors:bookinfo/reviews-v2->bookinfo/ratings-v1=0.5"]}`},
		{http.MethodDelete, d.URL() + "/faults", 200, `{"faults":[]}`},
		{http.MethodGet, d.URL() + "/", 200, "In force now: nothing."},
		{http.MethodGet, d.URL() + "/truth", 200, `"edges":`},
		{http.MethodGet, d.URL() + "/objects", 200, "\n  name: productpage-v1\n"},
		{http.MethodGet, d.URL() + "/objects?cluster=west", 200, "\n  name: currencyservice\n"},
		{http.MethodGet, d.URL() + "/objects?cluster=east", 404, `{"error":"no such cluster: there are Kubernetes, west"}`},
		{http.MethodGet, d.URL() + "/pods/bookinfo/nobody/metrics", 404, "no such pod"},
		{http.MethodPut, d.URL() + "/faults", 405, ""},
		{http.MethodGet, d.PrometheusURL() + "/-/ready", 200, "Ready"},
	} {
		status, body := ask(t, step.method, step.url)
		require.Equal(t, step.status, status, "%s %s: %s", step.method, step.url, body)
		require.Contains(t, body, step.want)
	}
}

func TestTakenAddressIsNamed(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	at := taken.Addr().String()
	free := "127.0.0.1:0"
	exporter := func(context.Context, Surroundings) error { return nil }
	for _, tc := range []struct {
		server  string
		options Options
	}{
		{"prometheus", Options{PrometheusAddress: at, DemoAddress: free}},
		{"demo", Options{PrometheusAddress: free, DemoAddress: at}},
		{"exporter", Options{PrometheusAddress: free, DemoAddress: free, ExporterAddress: at, Exporter: exporter}},
	} {
		_, err := New(tc.options)
		var listen *ListenError
		require.ErrorAs(t, err, &listen)
		require.Equal(t, tc.server, listen.Server)
		require.Equal(t, at, listen.Address)
		require.ErrorContains(t, err, "address already in use")
	}
}

func TestExporterThatFailsEndsTheDemo(t *testing.T) {
	d, err := New(Options{
		PrometheusAddress: "127.0.0.1:0", DemoAddress: "127.0.0.1:0", ExporterAddress: "127.0.0.1:0",
		Exporter: func(context.Context, Surroundings) error { return io.ErrUnexpectedEOF },
	})
	require.NoError(t, err)
	require.ErrorIs(t, d.Run(context.Background()), io.ErrUnexpectedEOF)
	require.NoError(t, d.Close())
}
