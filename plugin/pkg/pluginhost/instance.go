package pluginhost

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/share"
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
	uid          string // Grafana's of the data source
	derived, raw flowSource
	lives        lifeSource
	probe        prober
	// store and looks are for those who want to know how things are this moment.
	store      *promql.Client
	looks      *probe.Probe
	forwarding forwarding
	responses  *share.Answers[backend.DataResponse]
	drawn      drawn
	// broken is what is wrong with the settings. It is told with each answer: an
	// instance that could not be made would answer the first query alone.
	broken error
	close  func()
	now    func() time.Time
}

var (
	_ backend.QueryDataHandler      = (*Instance)(nil)
	_ backend.CheckHealthHandler    = (*Instance)(nil)
	_ backend.CallResourceHandler   = (*Instance)(nil)
	_ instancemgmt.InstanceDisposer = (*Instance)(nil)
)

// New makes an instance from its settings. It never fails.
func New(ctx context.Context, from backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	i := &Instance{uid: from.UID, close: func() {}, now: time.Now, responses: newResponses(), drawn: newDrawn()}
	s, err := settings.Parse(from)
	if err != nil {
		i.broken = err
		return i, nil
	}
	made, err := connect(ctx, from, s)
	if err != nil {
		i.broken = err
		return i, nil
	}
	i.settings, i.forwarding, i.close = s, made.forwarding, made.close
	published := derived.New(made.client)
	i.derived, i.raw, i.lives = shareFlows(published, i.forwarding), shareFlows(raw.New(made.client), i.forwarding), published
	i.store, i.looks = made.client, probe.New(made.client)
	i.probe = shareProbe(i.looks, i.forwarding)
	return i, nil
}

// connection is how a store is spoken to.
type connection struct {
	client     *promql.Client
	forwarding forwarding
	close      func()
}

// connect makes the client of a store, with Grafana's settings for connections.
func connect(ctx context.Context, from backend.DataSourceInstanceSettings, s settings.Settings) (connection, error) {
	options, err := grafanasOptions(ctx, from)
	if err != nil {
		return connection{}, err
	}
	forwarding := newForwarding(s.ForwardGrafanaID, options.Header)
	options.ForwardHTTPHeaders = true
	options.Middlewares = append(httpclient.DefaultMiddlewares(), forwarding.middleware())
	idle := func() {}
	options.ConfigureTransport = func(_ httpclient.Options, transport *http.Transport) {
		idle = transport.CloseIdleConnections // http.Client's does not get through middlewares
		// Answers are megabytes, and come from nearby: gzip takes longer than the way.
		transport.DisableCompression = true
	}
	client, err := httpclient.New(options)
	if err != nil {
		return connection{}, err
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
	return connection{store, forwarding, idle}, err
}

// grafanasOptions are Grafana's own settings of connections. The SDK panics
// where a provisioned one is of a wrong type.
func grafanasOptions(ctx context.Context, from backend.DataSourceInstanceSettings) (options httpclient.Options, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("a setting of the connection is of the wrong type: look at headers, basic authentication, TLS and timeouts")
		}
	}()
	return from.HTTPClientOptions(ctx)
}
