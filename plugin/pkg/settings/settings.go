// Package settings is what an administrator sets of a data source: where the
// store is, and how it is asked. Authentication, TLS, timeouts and the proxy
// are Grafana's own settings, which the SDK reads.
package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/common/model"

	"github.com/meshscope/meshscope/plugin/pkg/link"
)

// SeriesSource is where the graph's series come from.
type SeriesSource string

// The sources of series.
const (
	SeriesAuto    SeriesSource = "auto"    // what there was at a range's start
	SeriesDerived SeriesSource = "derived" // meshscope_*, as the exporter publishes them
	SeriesRaw     SeriesSource = "raw"     // istio_*
)

// DefaultRawMaxRange is the longest range that is drawn from raw series.
const DefaultRawMaxRange = 6 * time.Hour

// DefaultScrapeInterval is Prometheus's usual interval of scrapes in meshes.
const DefaultScrapeInterval = 15 * time.Second

// DefaultMaxResponseMegabytes bounds one answer of the store.
const DefaultMaxResponseMegabytes = 512

// Settings are the settings beyond Grafana's own.
type Settings struct {
	// URL is the store's. It may hold a password: never log it.
	URL string
	// Method is POST or GET.
	Method string
	// Params are added to each request, such as dedup=true.
	Params       url.Values
	SeriesSource SeriesSource
	// RawMaxRange is the longest range that is drawn from raw series.
	RawMaxRange      time.Duration
	MaxResponseBytes int64
	// ScrapeInterval is how often the store scrapes, at least: time series have
	// no points closer than that, and look back as far as it takes to see growth.
	ScrapeInterval time.Duration
	// ForwardGrafanaID sends Grafana's own token of who asks (X-Grafana-Id). It
	// is another for each user, who then share no answers.
	ForwardGrafanaID bool
	// Links are what nodes and edges of graphs are linked to.
	Links []link.Template
	// PrometheusUID is that of Grafana's data source of the same store: links
	// lead there that show the series of a node in Explore. Empty is none.
	PrometheusUID string
}

// stored are the settings as Grafana stores them. Where the Prometheus data
// source has the same setting, it has the same name.
type stored struct {
	HTTPMethod            string          `json:"httpMethod"`
	CustomQueryParameters string          `json:"customQueryParameters"`
	SeriesSource          SeriesSource    `json:"seriesSource"`
	RawMaxRange           string          `json:"rawMaxRange"`
	MaxResponseMegabytes  int64           `json:"maxResponseMegabytes"`
	TimeInterval          string          `json:"timeInterval"`
	ForwardGrafanaID      bool            `json:"forwardGrafanaId"`
	Links                 json.RawMessage `json:"links"`
	PrometheusUID         string          `json:"prometheusUid"`
	SigV4Auth             bool            `json:"sigV4Auth"`
}

// Parse reads the settings of a data source. Errors name the setting, and
// never quote what may be a secret.
func Parse(from backend.DataSourceInstanceSettings) (Settings, error) {
	var in stored
	if len(from.JSONData) > 0 {
		if err := json.Unmarshal(from.JSONData, &in); err != nil {
			return Settings{}, unreadable(err)
		}
	}
	s := Settings{
		URL: from.URL, Method: http.MethodPost,
		SeriesSource: SeriesAuto, RawMaxRange: DefaultRawMaxRange, MaxResponseBytes: DefaultMaxResponseMegabytes << 20,
		ScrapeInterval:   DefaultScrapeInterval,
		ForwardGrafanaID: in.ForwardGrafanaID,
	}
	err := errors.Join(s.takeURL(), s.takeMethod(in), s.takeParams(in), s.takeSeries(in), s.takeRange(in), s.takeLimit(in), s.takeScrapes(in), s.takeLinks(in), refuse(in))
	return s, err
}

func (s *Settings) takeURL() error {
	if s.URL == "" {
		return errors.New("setting url is empty: enter the URL of a Prometheus-compatible store, such as http://prometheus:9090")
	}
	return nil
}

func (s *Settings) takeMethod(in stored) error {
	switch in.HTTPMethod {
	case "":
	case http.MethodGet, http.MethodPost:
		s.Method = in.HTTPMethod
	default:
		return fmt.Errorf("setting httpMethod: %q is not allowed, allowed are POST, GET", in.HTTPMethod)
	}
	return nil
}

func (s *Settings) takeParams(in stored) error {
	params, err := url.ParseQuery(in.CustomQueryParameters)
	if err != nil {
		return errors.New("setting customQueryParameters is not of the form name=value&name=value")
	}
	s.Params = params
	return nil
}

func (s *Settings) takeSeries(in stored) error {
	switch in.SeriesSource {
	case "":
	case SeriesAuto, SeriesDerived, SeriesRaw:
		s.SeriesSource = in.SeriesSource
	default:
		return fmt.Errorf("setting seriesSource: %q is not allowed, allowed are auto, derived, raw", in.SeriesSource)
	}
	return nil
}

func (s *Settings) takeRange(in stored) error {
	if in.RawMaxRange == "" {
		return nil
	}
	d, err := model.ParseDuration(in.RawMaxRange)
	if err != nil || d <= 0 {
		return fmt.Errorf("setting rawMaxRange: %q is not a duration such as 6h or 90m", in.RawMaxRange)
	}
	s.RawMaxRange = time.Duration(d)
	return nil
}

func (s *Settings) takeScrapes(in stored) error {
	if in.TimeInterval == "" {
		return nil
	}
	d, err := model.ParseDuration(in.TimeInterval)
	if err != nil || d < model.Duration(time.Second) {
		return fmt.Errorf("setting timeInterval: %q is not a duration of at least 1s such as 15s or 1m", in.TimeInterval)
	}
	s.ScrapeInterval = time.Duration(d)
	return nil
}

func (s *Settings) takeLimit(in stored) error {
	const most = 16 << 10 // 16 GiB
	switch {
	case in.MaxResponseMegabytes < 0 || in.MaxResponseMegabytes > most:
		return fmt.Errorf("setting maxResponseMegabytes: %d is out of range, want 1 to %d", in.MaxResponseMegabytes, most)
	case in.MaxResponseMegabytes > 0:
		s.MaxResponseBytes = in.MaxResponseMegabytes << 20
	}
	return nil
}

func (s *Settings) takeLinks(in stored) error {
	links, err := link.Parse(in.Links)
	if err != nil {
		return fmt.Errorf("setting links: %w", err)
	}
	if !isUID.MatchString(in.PrometheusUID) {
		return fmt.Errorf("setting prometheusUid: %q is no UID of a data source", in.PrometheusUID)
	}
	s.Links, s.PrometheusUID = links, in.PrometheusUID
	return nil
}

// isUID are Grafana's UIDs, and none.
var isUID = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)

// refuse names what is documented and set, but not served by this version.
func refuse(in stored) error {
	if in.SigV4Auth {
		return errors.New("setting sigV4Auth is not supported: requests would go out unsigned. Let a proxy that signs them stand before the store")
	}
	return nil
}

// unreadable names the setting of a wrong type, without its value.
func unreadable(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return fmt.Errorf("setting %s is of the wrong type, want %s", wrong.Field, wrong.Type)
	}
	return errors.New("the settings are not a JSON object")
}
