package pluginhost_test

import (
	"crypto/tls"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/pluginhost"
)

func check(t *testing.T, i *pluginhost.Instance) (backend.HealthStatus, string) {
	t.Helper()
	health, err := i.CheckHealth(t.Context(), &backend.CheckHealthRequest{})
	require.NoError(t, err)
	return health.Status, health.Message
}

// TestFound has what a health check finds in a store that answers, as time goes on.
func TestFound(t *testing.T) {
	status, message := check(t, instanceAt(t, answers(t, http.StatusOK, "application/json", emptyStore)))
	assert.Equal(t, backend.HealthStatusError, status)
	assert.Equal(t, "The store answers, but has neither meshscope_* nor istio_* series: is it the one that scrapes the mesh?", message)

	store := derivedtest.OpenAt(t, time.Now().Add(-50*time.Minute))
	found := func(series string) (backend.HealthStatus, string) {
		status, message := check(t, instance(t, backend.DataSourceInstanceSettings{URL: store.URL, JSONData: []byte(`{"seriesSource": "` + series + `", "rawMaxRange": "2h"}`)}))
		text, name, _ := strings.Cut(message, " The store is ")
		assert.Regexp(t, `^Prometheus 3.*\.$`, name)
		return status, text
	}
	status, message = found("raw")
	assert.Equal(t, backend.HealthStatusError, status)
	assert.Equal(t, "The store answers, but has no istio_* series: is it the one that scrapes the mesh?", message)

	mesh := derivedtest.Mesh(30)
	store.Publish(mesh, 3)
	for _, series := range []string{"auto", "derived"} {
		status, message = found(series)
		assert.Equal(t, backend.HealthStatusError, status)
		assert.Regexp(t, `^The exporter's series ended (49|50) min ago: does the exporter run, and does this store scrape it\?$`, message)
	}

	store.Now = time.Now().Add(-time.Minute)
	const fromRaw = "Found about 1 edge of 1 namespace in Istio's own series: ranges of up to 2h can be drawn. The Meshscope exporter makes long ones possible."
	store.ScrapeRaw(`istio_requests_total{reporter="source",source_workload_namespace="shop",destination_workload="api",destination_workload_namespace="shop"} 1` + "\n")
	status, message = found("raw")
	assert.Equal(t, backend.HealthStatusOk, status)
	assert.Equal(t, fromRaw, message)
	status, message = found("auto")
	assert.Equal(t, backend.HealthStatusOk, status)
	assert.Regexp(t, `^The exporter's series ended (49|50) min ago\. Found about 1 edge`, message)
	status, message = found("derived")
	assert.Equal(t, backend.HealthStatusError, status)
	assert.Contains(t, message, "does this store scrape it?")

	store.Publish(mesh, 2)
	for _, series := range []string{"auto", "derived"} {
		status, message = found(series)
		assert.Equal(t, backend.HealthStatusOk, status)
		assert.Regexp(t, `^Found 30 edges of 13 namespaces in the exporter's series, newest refresh \d+ s ago\.$`, message)
	}
}

// TestFoundNoExporter: Istio's series, and none of an exporter's ever.
func TestFoundNoExporter(t *testing.T) {
	store := derivedtest.OpenAt(t, time.Now().Add(-time.Minute))
	store.ScrapeRaw(calls(1))
	of := func(series string) (backend.HealthStatus, string) {
		return check(t, instance(t, backend.DataSourceInstanceSettings{URL: store.URL, JSONData: []byte(`{"seriesSource": "` + series + `"}`)}))
	}
	status, message := of("auto")
	assert.Equal(t, backend.HealthStatusOk, status)
	assert.Contains(t, message, "Found about 1 edge of 1 namespace in Istio's own series: ranges of up to 6h can be drawn.")
	status, message = of("derived")
	assert.Equal(t, backend.HealthStatusError, status)
	assert.Contains(t, message, "run the Meshscope exporter, and have this store scrape it. Or let the series come from Istio's own (seriesSource: auto).")
}

// TestFoundNoTraffic: an exporter of an empty mesh.
func TestFoundNoTraffic(t *testing.T) {
	store := derivedtest.OpenAt(t, time.Now().Add(-time.Minute))
	store.Publish(nil, 2)
	status, message := check(t, instanceAt(t, store.URL))
	assert.Equal(t, backend.HealthStatusOk, status)
	assert.Regexp(t, `^The store answers and the exporter runs \(newest refresh \d+ s ago\), but it has seen no traffic yet\.`, message)
}

// TestFoundStale: an exporter that is scraped, and has not refreshed for long.
func TestFoundStale(t *testing.T) {
	store := derivedtest.OpenAt(t, time.Now().Add(-20*time.Minute))
	store.Publish(derivedtest.Mesh(30), 2)
	frozen := store.Now
	for store.Now = time.Now().Add(-time.Minute); store.Now.Before(time.Now().Add(-30 * time.Second)); {
		store.PublishFrozen(derivedtest.Mesh(30), frozen)
	}
	status, message := check(t, instanceAt(t, store.URL))
	assert.Equal(t, backend.HealthStatusError, status)
	assert.Regexp(t, `^The exporter's series are stale: they have 30 edges of 13 namespaces, but the newest refresh was (19|20) min ago\.`, message)
}

// TestTLS has what is wrong between two programs that both speak it, or do not.
func TestTLS(t *testing.T) {
	store := derivedtest.OpenAt(t, time.Now().Add(-time.Minute))
	store.Publish(derivedtest.Mesh(10), 1)
	to, err := url.Parse(store.URL)
	require.NoError(t, err)
	serve := func(change func(*tls.Config)) *httptest.Server {
		server := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(to))
		server.Config.ErrorLog = quiet
		server.TLS = &tls.Config{}
		change(server.TLS)
		server.StartTLS()
		t.Cleanup(server.Close)
		return server
	}
	server := serve(func(*tls.Config) {})
	mutual := serve(func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert })
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	plain := func(url string) string { return strings.Replace(url, "https://", "http://", 1) }

	for _, c := range []struct {
		name, url, jsonData string
		secrets             map[string]string
		want                string
	}{
		{"skipped", server.URL, `{"tlsSkipVerify": true}`, nil, "Found 10 edges"},
		{"of a known authority", server.URL, `{"tlsAuthWithCACert": true, "serverName": "example.com"}`, map[string]string{"tlsCACert": certificate}, "Found 10 edges"},
		{"of an unknown authority", server.URL, `{}`, nil, "TLS with the store fails: "},
		{"of another host", server.URL, `{"tlsAuthWithCACert": true, "serverName": "prometheus"}`, map[string]string{"tlsCACert": certificate}, "TLS with the store fails: "},
		{"without a client certificate", mutual.URL, `{"tlsSkipVerify": true}`, nil, "TLS with the store fails: "},
		{"http for https", plain(server.URL), `{}`, nil, "The store speaks TLS alone: "},
		{"https for http", strings.Replace(store.URL, "http://", "https://", 1), `{}`, nil, "The store does not speak TLS: "},
		{"no certificate", server.URL, `{"tlsAuthWithCACert": true}`, map[string]string{"tlsCACert": "hunter2"}, "CA"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, message := check(t, instance(t, backend.DataSourceInstanceSettings{URL: c.url, JSONData: []byte(c.jsonData), DecryptedSecureJSONData: c.secrets}))
			assert.Contains(t, message, c.want)
			assert.NotContains(t, message, "hunter2")
		})
	}
}

// TestWrongSettings: a setting that cannot be is told by the check, and does
// not bring the plugin down.
func TestWrongSettings(t *testing.T) {
	for jsonData, want := range map[string]string{
		`{"httpHeaderName1": 5}`: "a setting of the connection is of the wrong type",
		`{"sigV4Auth": true}`:    "setting sigV4Auth is not supported: requests would go out unsigned",
		`{"httpMethod": "PUT"}`:  `setting httpMethod: "PUT" is not allowed`,
	} {
		i := instance(t, backend.DataSourceInstanceSettings{
			URL: "http://prometheus:9090", JSONData: []byte(jsonData), DecryptedSecureJSONData: map[string]string{"httpHeaderValue1": "hunter2"},
		})
		status, message := check(t, i)
		assert.Equal(t, backend.HealthStatusError, status)
		assert.Contains(t, message, want)
		assert.NotContains(t, message, "hunter2")
		assert.ErrorContains(t, ask(t, i, time.Now(), `{}`).Error, want)
	}
}
