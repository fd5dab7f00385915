package settings_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/plugin/pkg/settings"
)

func stored(jsonData string) backend.DataSourceInstanceSettings {
	return backend.DataSourceInstanceSettings{URL: "http://user:secret@prometheus:9090", JSONData: []byte(jsonData)}
}

func TestDefaults(t *testing.T) {
	for _, jsonData := range []string{``, `{}`, `{"links": [], "tlsSkipVerify": true, "httpHeaderName1": "X-Scope-OrgID"}`} {
		s, err := settings.Parse(stored(jsonData))
		require.NoError(t, err)
		assert.Equal(t, settings.Settings{
			URL: "http://user:secret@prometheus:9090", Method: http.MethodPost, Params: url.Values{},
			SeriesSource: settings.SeriesAuto, RawMaxRange: 6 * time.Hour, MaxResponseBytes: 512 << 20,
			ScrapeInterval: 15 * time.Second,
		}, s)
	}
}

func TestParse(t *testing.T) {
	s, err := settings.Parse(stored(`{"httpMethod": "GET", "customQueryParameters": "dedup=true&partial_response=false",
		"seriesSource": "raw", "rawMaxRange": "1d", "maxResponseMegabytes": 16, "timeInterval": "1m", "forwardGrafanaId": true,
		"links": [{"title": "Kiali", "on": "node", "url": "https://kiali/${name}"}], "prometheusUid": "P1"}`))
	require.NoError(t, err)
	assert.Equal(t, http.MethodGet, s.Method)
	assert.Equal(t, url.Values{"dedup": {"true"}, "partial_response": {"false"}}, s.Params)
	assert.Equal(t, settings.SeriesRaw, s.SeriesSource)
	assert.Equal(t, 24*time.Hour, s.RawMaxRange)
	assert.EqualValues(t, 16<<20, s.MaxResponseBytes)
	assert.Equal(t, time.Minute, s.ScrapeInterval)
	assert.True(t, s.ForwardGrafanaID)
	require.Len(t, s.Links, 1)
	assert.Equal(t, "Kiali", s.Links[0].Title)
	assert.Equal(t, "P1", s.PrometheusUID)
}

func TestRefusals(t *testing.T) {
	for jsonData, want := range map[string]string{
		`{"httpMethod": "PUT"}`:                   `setting httpMethod: "PUT" is not allowed, allowed are POST, GET`,
		`{"customQueryParameters": "token=%zz"}`:  `setting customQueryParameters is not of the form name=value&name=value`,
		`{"rawMaxRange": "0h"}`:                   `setting rawMaxRange: "0h" is not a duration such as 6h or 90m`,
		`{"rawMaxRange": "six hours"}`:            `setting rawMaxRange: "six hours" is not a duration such as 6h or 90m`,
		`{"timeInterval": "1ms"}`:                 `setting timeInterval: "1ms" is not a duration of at least 1s such as 15s or 1m`,
		`{"timeInterval": "often"}`:               `setting timeInterval: "often" is not a duration of at least 1s such as 15s or 1m`,
		`{"seriesSource": "both"}`:                `setting seriesSource: "both" is not allowed, allowed are auto, derived, raw`,
		`{"maxResponseMegabytes": -1}`:            `setting maxResponseMegabytes: -1 is out of range, want 1 to 16384`,
		`{"maxResponseMegabytes": "many"}`:        `setting maxResponseMegabytes is of the wrong type, want int64`,
		`{"links": [{"title": "Logs"}]}`:          `setting links: link 1 ("Logs"): on: "" is not allowed, allowed are node, edge`,
		`{"links": "Logs"}`:                       `setting links: want a list of links`,
		`{"prometheusUid": "${x}"}`:               `setting prometheusUid: "${x}" is no UID of a data source`,
		`{"sigV4Auth": true}`:                     `setting sigV4Auth is not supported: requests would go out unsigned. Let a proxy that signs them stand before the store`,
		`nothing`:                                 `the settings are not a JSON object`,
		`{"httpMethod": "PUT", "sigV4Auth":true}`: "setting httpMethod: \"PUT\" is not allowed, allowed are POST, GET\nsetting sigV4Auth is not supported: requests would go out unsigned. Let a proxy that signs them stand before the store",
	} {
		_, err := settings.Parse(stored(jsonData))
		assert.EqualError(t, err, want)
		assert.NotContains(t, err.Error(), "secret")
	}
	_, err := settings.Parse(backend.DataSourceInstanceSettings{})
	assert.ErrorContains(t, err, "setting url is empty")
}
