package store

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery/targetgroup"
)

// ScrapeTarget is where metrics are fetched by HTTP.
type ScrapeTarget struct {
	// Job is one of the jobs given to Scrape.
	Job string
	// Address is host:port, Path the path of the metrics; /metrics where empty.
	Address, Path string
	// Labels are the target's beside job; instance is the address where they
	// have none.
	Labels map[string]string
}

// Scrape fetches the metrics of targets every interval, as Prometheus does,
// until the context ends. Each list received replaces all targets. A store
// scrapes once: after the end it cannot begin again.
func (s *Store) Scrape(ctx context.Context, interval time.Duration, jobs []string, targets <-chan []ScrapeTarget) error {
	c, err := scrapeConfig(interval, jobs)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.config = *c
	s.mu.Unlock()
	if err := s.manager.ApplyConfig(c); err != nil {
		return fmt.Errorf("scrape configuration: %w", err)
	}

	sets := make(chan map[string][]*targetgroup.Group)
	ended := make(chan error, 1)
	go func() { ended <- s.manager.Run(sets) }()
	defer func() {
		s.manager.Stop()
		<-ended
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case list := <-targets:
			select {
			case sets <- groups(jobs, list):
			case <-ctx.Done():
				return nil
			}
		}
	}
}

// scrapeConfig is a Prometheus configuration of jobs without any discovery.
func scrapeConfig(interval time.Duration, jobs []string) (*config.Config, error) {
	every := model.Duration(interval)
	c, err := config.Load(fmt.Sprintf("global: {scrape_interval: %s, scrape_timeout: %s}\n", every, every), nil)
	if err != nil {
		return nil, fmt.Errorf("scrape configuration: %w", err)
	}
	for _, job := range jobs {
		sc := config.DefaultScrapeConfig
		sc.JobName = job
		if err := sc.Validate(c.GlobalConfig); err != nil {
			return nil, fmt.Errorf("scrape configuration of %s: %w", job, err)
		}
		c.ScrapeConfigs = append(c.ScrapeConfigs, &sc)
	}
	return c, nil
}

// groups sorts targets by their jobs. A job without targets is there too, or
// the ones it had before would stay.
func groups(jobs []string, targets []ScrapeTarget) map[string][]*targetgroup.Group {
	sets := make(map[string][]*targetgroup.Group, len(jobs))
	for _, job := range jobs {
		sets[job] = []*targetgroup.Group{{Source: job}}
	}
	for _, t := range targets {
		set, ok := sets[t.Job]
		if !ok {
			continue
		}
		address := model.LabelSet{model.AddressLabel: model.LabelValue(t.Address)}
		if t.Path != "" {
			address[model.MetricsPathLabel] = model.LabelValue(t.Path)
		}
		for name, v := range t.Labels {
			address[model.LabelName(name)] = model.LabelValue(v)
		}
		set[0].Targets = append(set[0].Targets, address)
	}
	return sets
}
