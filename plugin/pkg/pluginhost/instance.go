package pluginhost

import (
	"context"
	"net/http"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/settings"
)

// PluginID is the plugin's in plugin.json.
const PluginID = "meshscope-topology-datasource"

// maxConcurrency is how many requests one data source has at its store at once.
const maxConcurrency = 8

// Source is where an instance has its graphs from.
type Source interface {
	Flows(ctx context.Context, iv topology.Interval, q query.Query) (derived.Answer, error)
	Probe(ctx context.Context, at time.Time) (derived.Found, error)
}

// Instance is one configured data source.
type Instance struct {
	source Source
	// broken is what is wrong with the settings. It is told with each answer: an
	// instance that could not be made would answer the first query alone.
	broken error
	close  func()
	now    func() time.Time
}

var (
	_ backend.QueryDataHandler      = (*Instance)(nil)
	_ backend.CheckHealthHandler    = (*Instance)(nil)
	_ instancemgmt.InstanceDisposer = (*Instance)(nil)
)

// New makes an instance from its settings. It never fails.
func New(ctx context.Context, from backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	i := &Instance{close: func() {}, now: time.Now}
	client, store, err := connect(ctx, from)
	if err != nil {
		i.broken = err
		return i, nil
	}
	i.source = derived.New(store)
	i.close = client.CloseIdleConnections
	return i, nil
}

// connect makes the client of a store, with Grafana's settings for connections.
func connect(ctx context.Context, from backend.DataSourceInstanceSettings) (*http.Client, *promql.Client, error) {
	s, err := settings.Parse(from)
	if err != nil {
		return nil, nil, err
	}
	options, err := from.HTTPClientOptions(ctx)
	if err != nil {
		return nil, nil, err
	}
	options.ForwardHTTPHeaders = true
	options.ConfigureTransport = func(_ httpclient.Options, transport *http.Transport) {
		// Answers are megabytes, and come from nearby: gzip takes longer than the way.
		transport.DisableCompression = true
	}
	client, err := httpclient.New(options)
	if err != nil {
		return nil, nil, err
	}
	store, err := promql.New(promql.Options{
		URL:              s.URL,
		HTTPClient:       client,
		Params:           s.Params,
		Method:           s.Method,
		Timeout:          options.Timeouts.Timeout,
		MaxConcurrency:   maxConcurrency,
		MaxResponseBytes: s.MaxResponseBytes,
		UserAgent:        PluginID,
	})
	return client, store, err
}
