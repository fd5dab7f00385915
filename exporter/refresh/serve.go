package refresh

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/go-kit/log/level"
	"github.com/prometheus/common/expfmt"

	"github.com/meshscope/meshscope/exporter/series"
)

// ServeHTTP answers a scrape: the snapshot of the topology, as long as it is
// not stale, and the exporter's own series as they are now.
func (l *Loop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	own, err := l.ownSeries()
	if err != nil {
		level.Error(l.logger).Log("msg", "cannot gather the exporter's own series", "err", err)
		http.Error(w, "cannot gather the exporter's own series: "+err.Error(), http.StatusInternalServerError)
		return
	}
	leads, p := l.leads(), l.published.Load()
	stale := !leads || p == nil || l.now().After(p.until)
	own = l.appendState(own, leads, p)

	header := w.Header()
	header.Set("Content-Type", string(expfmt.NewFormat(expfmt.TypeTextPlain)))
	header.Add("Vary", "Accept-Encoding")
	switch {
	case stale:
		_, err = w.Write(own)
	case acceptsGzip(r):
		header.Set("Content-Encoding", "gzip")
		err = p.WriteGzip(w, own)
	default:
		if err = p.WriteText(w); err == nil {
			_, err = w.Write(own)
		}
	}
	if err == nil && !stale && isScrape(r) {
		p.ledger.Served(p.Generation)
	}
}

// appendState appends the gauges of the loop's state. One that stands by does
// not refresh, and has nothing to tell of it.
func (l *Loop) appendState(to []byte, leads bool, p *publication) []byte {
	to = series.AppendGauge(to, series.Leader, oneIf(leads))
	if !leads {
		return to
	}
	through := 0.0
	if p != nil {
		through = float64(p.Through.UnixMilli()) / 1e3
	}
	to = series.AppendGauge(to, series.HealthAnnotationProblems, float64(l.annotations.wrong.Load()))
	to = series.AppendGauge(to, series.RefreshTimestamp, through)
	return series.AppendGauge(to, series.RefreshSuccess, oneIf(l.succeeded.Load()))
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// isScrape tells a scraper from someone who looks: all scrapers of Prometheus's
// kind say how long they wait.
func isScrape(r *http.Request) bool {
	return r.Method == http.MethodGet && r.Header.Get("X-Prometheus-Scrape-Timeout-Seconds") != ""
}

// ownSeries renders the registry.
func (l *Loop) ownSeries() ([]byte, error) {
	families, err := l.registry.Gather()
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	encoder := expfmt.NewEncoder(&text, expfmt.NewFormat(expfmt.TypeTextPlain))
	for _, f := range families {
		if err := encoder.Encode(f); err != nil {
			return nil, err
		}
	}
	return text.Bytes(), nil
}

func acceptsGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" && strings.ReplaceAll(quality, " ", "") != "q=0" {
			return true
		}
	}
	return false
}
