package main_test

import (
	"context"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/grafana/grafana-plugin-sdk-go/config"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
	"github.com/meshscope/meshscope/plugin/pkg/pluginhost"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// grafana is what Grafana has of a plugin that it has started.
type grafana struct {
	data        grpcplugin.DataClient
	diagnostics grpcplugin.DiagnosticsClient
	context     backend.PluginContext
}

// built is a folder for the plugin as it is built for all tests.
var built string

func TestMain(m *testing.M) {
	var err error
	if built, err = os.MkdirTemp("", "meshscope-plugin-"); err != nil {
		log.Fatal(err)
	}
	code := m.Run()
	_ = os.RemoveAll(built)
	os.Exit(code)
}

// binary is the path of the plugin, built once.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(built, "gpx_meshscope")
	build := exec.Command("go", "build", "-o", path, ".")
	build.Stderr = os.Stderr
	return path, build.Run()
})

func skipInShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the plugin")
	}
}

// start starts the built plugin as Grafana does: a process that is spoken to
// over gRPC after a handshake on its output.
func start(t *testing.T, settings backend.DataSourceInstanceSettings) grafana {
	t.Helper()
	path, err := binary()
	require.NoError(t, err)
	client := plugin.NewClient(&plugin.ClientConfig{
		Cmd: exec.Command(path),
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion:  grpcplugin.ProtocolVersion,
			MagicCookieKey:   grpcplugin.MagicCookieKey,
			MagicCookieValue: grpcplugin.MagicCookieValue,
		},
		VersionedPlugins: map[int]plugin.PluginSet{grpcplugin.ProtocolVersion: {
			"data":        &grpcplugin.DataGRPCPlugin{},
			"diagnostics": &grpcplugin.DiagnosticsGRPCPlugin{},
		}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           hclog.NewNullLogger(),
	})
	t.Cleanup(client.Kill)
	connection, err := client.Client()
	require.NoError(t, err)
	data, err := connection.Dispense("data")
	require.NoError(t, err)
	diagnostics, err := connection.Dispense("diagnostics")
	require.NoError(t, err)
	return grafana{
		data:        data.(grpcplugin.DataClient),
		diagnostics: diagnostics.(grpcplugin.DiagnosticsClient),
		context: backend.PluginContext{
			OrgID: 1, PluginID: pluginhost.PluginID, DataSourceInstanceSettings: &settings,
			GrafanaConfig: config.NewGrafanaCfg(map[string]string{backend.ConcurrentQueryCount: "2"}),
		},
	}
}

func (g grafana) query(t *testing.T, queries ...backend.DataQuery) backend.Responses {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	answer, err := g.data.QueryData(ctx, backend.ToProto().QueryDataRequest(&backend.QueryDataRequest{
		PluginContext: g.context, Queries: queries, Headers: map[string]string{},
	}))
	require.NoError(t, err)
	response, err := backend.FromProto().QueryDataResponse(answer)
	require.NoError(t, err)
	return response.Responses
}

func (g grafana) health(t *testing.T) *pluginv2.CheckHealthResponse {
	t.Helper()
	health, err := g.diagnostics.CheckHealth(context.Background(), &pluginv2.CheckHealthRequest{
		PluginContext: backend.ToProto().PluginContext(g.context),
	})
	require.NoError(t, err)
	return health
}

// TestProtocol speaks to the built plugin, over a store that requires what
// Grafana keeps in secure settings.
func TestProtocol(t *testing.T) {
	skipInShort(t)
	flows := derivedtest.Mesh(300)
	store := derivedtest.OpenAt(t, time.Now().Add(-8*time.Minute)) // a health check looks at the present
	store.Settle(flows)
	store.Publish(flows, 20)
	end := store.Now
	store.Publish(flows, 8)
	guarded := guard(t, store.URL, "mesh", "s3cret")

	g := start(t, backend.DataSourceInstanceSettings{
		ID: 1, UID: "mesh", Type: pluginhost.PluginID, Name: "Mesh", URL: guarded, Updated: time.Now(),
		BasicAuthEnabled: true, BasicAuthUser: "mesh",
		JSONData:                []byte(`{"httpHeaderName1": "X-Scope-OrgID"}`),
		DecryptedSecureJSONData: map[string]string{"basicAuthPassword": "s3cret", "httpHeaderValue1": "tenant"},
	})

	health := g.health(t)
	assert.Equal(t, pluginv2.CheckHealthResponse_OK, health.Status, health.Message)
	assert.Regexp(t, `^Found 300 edges of 40 namespaces in the exporter's series, newest refresh .+ ago\. The store is Prometheus 3.*\.$`, health.Message)

	overRange := backend.TimeRange{From: end.Add(-5 * time.Minute), To: end}
	responses := g.query(t,
		backend.DataQuery{RefID: "A", TimeRange: overRange, JSON: []byte(`{"refId": "A"}`)},
		backend.DataQuery{RefID: "B", TimeRange: overRange, JSON: []byte(`{"limit": 20, "edgeStats": ["p95", "mtls"]}`)},
		backend.DataQuery{RefID: "C", TimeRange: overRange, JSON: []byte(`{"filter": "edge.errorRatio >"}`)},
	)
	require.Len(t, responses, 3)
	require.NoError(t, responses["A"].Error)
	framestest.CheckContract(t, responses["A"].Frames, query.TypeGraph.DefaultLimit())
	require.NoError(t, responses["B"].Error)
	framestest.CheckContract(t, responses["B"].Frames, 20)
	assert.Len(t, framestest.IDs(t, responses["B"].Frames[0]), 20)
	assert.Contains(t, responses["B"].Frames[0].Meta.Notices[0].Text, "20 of 40 nodes")
	assert.ErrorContains(t, responses["C"].Error, "query field filter")
	assert.Equal(t, backend.StatusBadRequest, responses["C"].Status)

	assertSameGraph(t, topology.Build(topology.Interval{End: end, Length: derivedtest.Every}, flows, topology.BuildOptions{}), responses["A"])
}

// assertSameGraph compares an answer with the frames of the true graph, but
// for rates, which come from a store's extrapolation.
func assertSameGraph(t *testing.T, truth *topology.Graph, response backend.DataResponse) {
	t.Helper()
	want := frames.Graph(truth, frames.View{Query: query.Default()})
	for f, got := range response.Frames {
		require.Equal(t, framestest.IDs(t, want[f]), framestest.IDs(t, got))
		for _, id := range framestest.IDs(t, got) {
			wanted, row := framestest.Row(t, want[f], id), framestest.Row(t, got, id)
			for field, value := range wanted {
				switch number := value.(type) {
				case float64:
					assert.InDelta(t, number, row[field], 1e-6, "%s of %s", field, id)
				default:
					if field != "detail__latency" && field != "detail__bodies" { // not asked for
						assert.Equal(t, value, row[field], "%s of %s", field, id)
					}
				}
			}
		}
	}
}

// guard is a proxy that lets requests pass that have a password and a tenant.
func guard(t *testing.T, target, user, password string) string {
	t.Helper()
	to, err := url.Parse(target)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(to)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, p, _ := r.BasicAuth()
		if u != user || p != password || r.Header.Get("X-Scope-OrgID") != "tenant" {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestProtocolOfFailure is what Grafana gets where there is no store.
func TestProtocolOfFailure(t *testing.T) {
	skipInShort(t)
	g := start(t, backend.DataSourceInstanceSettings{ID: 1, UID: "mesh", URL: "http://user:s3cret@127.0.0.1:1", Updated: time.Now(), JSONData: []byte(`{}`)})
	health := g.health(t)
	assert.Equal(t, pluginv2.CheckHealthResponse_ERROR, health.Status)
	assert.Contains(t, health.Message, "The store cannot be reached: ")
	assert.NotContains(t, health.Message, "s3cret")

	end := time.Now()
	responses := g.query(t, backend.DataQuery{RefID: "A", TimeRange: backend.TimeRange{From: end.Add(-time.Hour), To: end}, JSON: []byte(`{}`)})
	assert.ErrorContains(t, responses["A"].Error, "connection refused")
	assert.NotContains(t, responses["A"].Error.Error(), "s3cret")
	assert.Equal(t, backend.StatusBadGateway, responses["A"].Status)
	assert.Equal(t, backend.ErrorSourceDownstream, responses["A"].ErrorSource)
}
