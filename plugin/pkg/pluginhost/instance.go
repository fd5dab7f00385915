package pluginhost

import (
	"context"
	"net/http"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/plugin/pkg/derived"
	"github.com/meshscope/meshscope/plugin/pkg/probe"
	"github.com/meshscope/meshscope/plugin/pkg/raw"
	"github.com/meshscope/meshscope/plugin/pkg/settings"
)

// PluginID is the plugin's in plugin.json.
const PluginID = "meshscope-topology-datasource"

// maxConcurrency is how many requests one data source has at its store at once.
const maxConcurrency = 8

// Instance is one configured data source.
type Instance struct {
	settings     settings.Settings
	derived, raw flowSource
	probe        prober
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
	s, err := settings.Parse(from)
	if err != nil {
		i.broken = err
		return i, nil
	}
	client, store, err := connect(ctx, from, s)
	if err != nil {
		i.broken = err
		return i, nil
	}
	i.settings, i.derived, i.raw, i.probe = s, derived.New(store), raw.New(store), probe.New(store)
	i.close = client.CloseIdleConnections
	return i, nil
}

// connect makes the client of a store, with Grafana's settings for connections.
func connect(ctx context.Context, from backend.DataSourceInstanceSettings, s settings.Settings) (*http.Client, *promql.Client, error) {
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
