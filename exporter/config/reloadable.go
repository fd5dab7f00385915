package config

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/meshscope/meshscope/exporter/series"
)

// Reloadable holds the configuration in force, and replaces it by a new one that is valid and was taken over. Its
// metrics tell how the last attempt went:
//
//	meshscope_config_last_reload_successful                   1 or 0
//	meshscope_config_last_reload_success_timestamp_seconds    Unix time of the last success
//
// It is safe for concurrent use; attempts run one after another.
type Reloadable struct {
	load func() (*Config, error)
	now  func() time.Time

	reload     sync.Mutex // held during an attempt
	current    sync.RWMutex
	cfg        *Config
	successful prometheus.Gauge
	succeeded  prometheus.Gauge
}

// NewReloadable loads a configuration by load, which must return a new one each time, and registers the metrics. It
// fails where load does. A nil now means time.Now.
func NewReloadable(load func() (*Config, error), registerer prometheus.Registerer, now func() time.Time) (*Reloadable, error) {
	if now == nil {
		now = time.Now
	}
	r := &Reloadable{
		load: load,
		now:  now,
		successful: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: series.ConfigReloaded.Name, Help: series.ConfigReloaded.Help,
		}),
		succeeded: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: series.ConfigReloadedTimestamp.Name, Help: series.ConfigReloadedTimestamp.Help,
		}),
	}
	if err := r.Reload(nil); err != nil {
		return nil, err
	}
	for _, c := range []prometheus.Collector{r.successful, r.succeeded} {
		if err := registerer.Register(c); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Config returns the configuration in force, which must not be changed.
func (r *Reloadable) Config() *Config {
	r.current.RLock()
	defer r.current.RUnlock()
	return r.cfg
}

// Reload loads the configuration again and hands it to apply, which takes it over or returns why not. Any error leaves
// the configuration in force as it is. A nil apply takes over nothing.
func (r *Reloadable) Reload(apply func(*Config) error) error {
	r.reload.Lock()
	defer r.reload.Unlock()
	cfg, err := r.load()
	if err == nil && apply != nil {
		err = apply(cfg)
	}
	if err != nil {
		r.successful.Set(0)
		return err
	}
	r.current.Lock()
	r.cfg = cfg
	r.current.Unlock()
	r.successful.Set(1)
	r.succeeded.Set(float64(r.now().UnixMilli()) / 1000)
	return nil
}
