package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
)

// simulatedDuration is how long a scrape by Append says it took, in seconds.
const simulatedDuration = 0.01

var stale = math.Float64frombits(value.StaleNaN)

// target is what is remembered of a scrape target from one scrape to the next.
type target struct {
	labels labels.Labels
	// series are those of the last successful scrape, by their text.
	series  map[string]*series
	reports [reportCount]series
	scrapes uint64
}

// series is one that a target has exposed.
type series struct {
	ref    storage.SeriesRef
	labels labels.Labels
	// scrape is the number of the scrape that saw it last.
	scrape uint64
	// live is true while the last sample is no stale marker.
	live bool
}

// The series that Prometheus adds to each scrape.
const (
	reportUp = iota
	reportDuration
	reportScraped
	reportKept
	reportAdded
	reportCount
)

var reportNames = [reportCount]string{
	reportUp:       "up",
	reportDuration: "scrape_duration_seconds",
	reportScraped:  "scrape_samples_scraped",
	reportKept:     "scrape_samples_post_metric_relabeling",
	reportAdded:    "scrape_series_added",
}

// Append stores a scrape of a target at a time, which must be after the
// target's last. Target labels, with job and instance, go onto each series, and
// what bore such a name before becomes exported_NAME. The exposition is in
// Prometheus's text format, without timestamps. When it cannot be parsed
// nothing of it is stored, and the scrape counts as missed.
func (s *Store) Append(at time.Time, targetLabels labels.Labels, exposition []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.target(targetLabels)
	samples, err := t.parse(exposition)
	if err != nil {
		return errors.Join(fmt.Errorf("scrape of %s: %w", targetLabels, err), s.store(at, t, nil, false))
	}
	return s.store(at, t, samples, true)
}

// Missed stores a scrape that failed: up is 0, and the series are stale.
func (s *Store) Missed(at time.Time, targetLabels labels.Labels) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.store(at, s.target(targetLabels), nil, false)
}

// Gone ends a target: all its series are stale from the time on that its next
// scrape would have had. A target that never was is no error.
func (s *Store) Gone(at time.Time, targetLabels labels.Labels) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := targetLabels.String()
	t, ok := s.targets[key]
	if !ok {
		return nil
	}
	delete(s.targets, key)

	a := s.appender(at)
	for _, known := range t.series {
		a.markStale(known)
	}
	for i := range t.reports {
		a.markStale(&t.reports[i])
	}
	return a.commit()
}

// Forget drops what is remembered of all targets, as a restart of a
// Prometheus does: nothing becomes stale, and all series are new at the next
// scrape.
func (s *Store) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.targets)
}

// target returns what is remembered of a target, from now on.
func (s *Store) target(targetLabels labels.Labels) *target {
	key := targetLabels.String()
	t, ok := s.targets[key]
	if !ok {
		t = &target{labels: targetLabels, series: map[string]*series{}}
		for i, name := range reportNames {
			b := labels.NewBuilder(targetLabels)
			b.Set(model.MetricNameLabel, name)
			t.reports[i].labels = b.Labels()
		}
		s.targets[key] = t
	}
	return t
}

// sample is a parsed line.
type sample struct {
	text   string
	series *series
	value  float64
	added  bool
}

// parse reads an exposition by Prometheus's own parser. Labels are read only
// of series that the target has not shown before.
func (t *target) parse(exposition []byte) ([]sample, error) {
	parser := textparse.NewPromParser(exposition, labels.NewSymbolTable(), false)
	samples := make([]sample, 0, len(t.series))
	fresh := map[string]*series{}
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			return samples, nil
		}
		if err != nil {
			return nil, err
		}
		if entry != textparse.EntrySeries {
			continue
		}
		text, timestamp, v := parser.Series()
		if timestamp != nil {
			return nil, fmt.Errorf("series %s has a timestamp", text)
		}
		known, ok := t.series[string(text)]
		if ok {
			samples = append(samples, sample{series: known, value: v})
			continue
		}
		if _, twice := fresh[string(text)]; twice {
			return nil, fmt.Errorf("series %s stands there twice", text)
		}
		var exposed labels.Labels
		parser.Labels(&exposed)
		known = &series{labels: t.label(exposed)}
		fresh[string(text)] = known
		samples = append(samples, sample{text: string(text), series: known, value: v, added: true})
	}
}

// label puts the target's labels onto those of a series.
func (t *target) label(exposed labels.Labels) labels.Labels {
	b := labels.NewBuilder(exposed)
	t.labels.Range(func(l labels.Label) {
		if before := exposed.Get(l.Name); before != "" {
			b.Set(model.ExportedLabelPrefix+l.Name, before)
		}
		b.Set(l.Name, l.Value)
	})
	return b.Labels()
}

// store writes the samples of a scrape, the stale markers of what is not among
// them, and the report.
func (s *Store) store(at time.Time, t *target, samples []sample, ok bool) error {
	t.scrapes++
	a := s.appender(at)
	added := 0
	for _, one := range samples {
		if one.added {
			added++
			t.series[one.text] = one.series
		}
		one.series.scrape = t.scrapes
		a.append(one.series, one.value)
	}
	for text, known := range t.series {
		if known.scrape == t.scrapes {
			continue
		}
		a.markStale(known)
		if ok {
			// What a scrape that failed does not show is remembered, so that
			// it is not new when the next one succeeds.
			delete(t.series, text)
		}
	}

	up := 0.0
	if ok {
		up = 1
	}
	for i, v := range [reportCount]float64{
		reportUp: up, reportDuration: simulatedDuration,
		reportScraped: float64(len(samples)), reportKept: float64(len(samples)), reportAdded: float64(added),
	} {
		a.append(&t.reports[i], v)
	}
	return a.commit()
}

// appender writes samples of one time, and keeps the first error.
type appender struct {
	storage.AppenderV2
	at  int64
	err error
}

func (s *Store) appender(at time.Time) *appender {
	return &appender{AppenderV2: s.db.AppenderV2(context.Background()), at: at.UnixMilli()}
}

func (a *appender) append(to *series, v float64) {
	if a.err != nil {
		return
	}
	to.ref, a.err = a.Append(to.ref, to.labels, 0, a.at, v, nil, nil, storage.AppendV2Options{})
	if a.err != nil {
		a.err = fmt.Errorf("%s: %w", to.labels, a.err)
	}
	to.live = !value.IsStaleNaN(v)
}

func (a *appender) markStale(known *series) {
	if known.live {
		a.append(known, stale)
	}
}

func (a *appender) commit() error {
	if a.err != nil {
		return errors.Join(a.err, a.Rollback())
	}
	return a.Commit()
}
