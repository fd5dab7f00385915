package config

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// validate reports what is wrong with values that were decoded well. Keys that decoding failed on are left out: their
// values are not those of the file.
func validate(cfg *Config, d *decoder) []Problem {
	v := validator{at: d.at, failed: d.failed}
	v.prometheus(&cfg.Prometheus)
	v.refresh(&cfg.Refresh)
	v.latency(&cfg.Latency, &cfg.Refresh)
	v.istio(&cfg.Istio)
	v.health(&cfg.Health, &cfg.Refresh)
	v.limits(&cfg.Limits, &cfg.Refresh)
	v.kubernetes(cfg.Kubernetes.Clusters)
	v.leaderElection(&cfg.LeaderElection, &cfg.Kubernetes)
	return v.problems
}

type validator struct {
	at       map[string]position
	failed   map[string]bool
	problems []Problem
}

// check reports a problem unless ok. It stands at the first of the keys, which are all that ok depends on; where that
// one is not in the file, its line is that of the first that is.
func (v *validator) check(ok bool, keys []string, format string, args ...any) {
	if ok || slices.ContainsFunc(keys, func(key string) bool { return v.failed[key] }) {
		return
	}
	var pos position
	for _, key := range keys {
		var found bool
		if pos, found = v.at[key]; found {
			break
		}
	}
	v.problems = append(v.problems, Problem{
		Line: pos.line, Column: pos.column, Key: keys[0], Message: fmt.Sprintf(format, args...),
	})
}

func on(keys ...string) []string { return keys }

func (v *validator) prometheus(p *Prometheus) {
	err := checkURL(p.URL.URL)
	v.check(err == nil, on("prometheus.url"), "%v", err)
	for _, name := range slices.Sorted(maps.Keys(p.QueryParams)) {
		v.check(!slices.Contains(ownParams, name), on("prometheus.query_params."+name, "prometheus.query_params"),
			"set by Meshscope itself for each query")
	}
	for i, matcher := range p.Matchers {
		err := checkMatcher(matcher)
		v.check(err == nil, on(index("prometheus.matchers", i)), "%v", err)
	}
	v.check(metricPrefix.MatchString(p.MetricPrefix), on("prometheus.metric_prefix"),
		"not the beginning of a metric name: %s (want letters, digits, _ and :)", quote(p.MetricPrefix))
	v.check(labelName.MatchString(p.ClusterLabel), on("prometheus.cluster_label"),
		"not a label name: %s (want letters, digits and _)", quote(p.ClusterLabel))
	v.check(p.Timeout > 0, on("prometheus.timeout"), "must be more than 0")
	v.check(p.MaxConcurrency >= 1, on("prometheus.max_concurrency"), "too few: %d (want 1 or more)", p.MaxConcurrency)
	v.secretReferences()
}

var (
	metricPrefix = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)?$`)
	labelName    = regexp.MustCompile(`^([a-zA-Z_][a-zA-Z0-9_]*)?$`)

	// ownParams are the parameters that Meshscope's queries have anyway, and limit, which would cut answers short.
	ownParams = []string{"query", "time", "start", "end", "step", "timeout", "limit"}
)

// ParseURL reads the URL of a Prometheus-compatible store under the rules of prometheus.url, for use by a flag.
func ParseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, errNotURL // err repeats the text, which may hold a password
	}
	return u, checkURL(u)
}

var errNotURL = errors.New("not a URL (want e.g. http://prometheus:9090)")

func checkURL(u *url.URL) error {
	switch {
	case u.User != nil:
		return errors.New("credentials in the URL (put them into http_client_config.basic_auth)")
	case u.RawQuery != "" || u.ForceQuery:
		return errors.New("a query string in the URL (use query_params)")
	case u.Fragment != "":
		return errors.New("a fragment in the URL (want e.g. http://prometheus:9090)")
	case strings.Contains(u.String(), "@"):
		return errNotURL // perhaps credentials without http://
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return fmt.Errorf("not an http or https URL: %s (want e.g. http://prometheus:9090)", quote(u.String()))
	}
	return nil
}

// secretReferences refuses the keys of http_client_config that name a secret in a secret manager.
func (v *validator) secretReferences() {
	for _, key := range slices.Sorted(maps.Keys(v.at)) {
		inClient := strings.HasPrefix(key, "prometheus.http_client_config.") && !strings.Contains(key, ".http_headers.")
		v.check(!inClient || !strings.HasSuffix(key, "_ref"), on(key), "there is no secret manager (use a file)")
	}
}

func (v *validator) refresh(r *Refresh) {
	const interval, step, lookback, catchUp = "refresh.interval", "refresh.step", "refresh.lookback", "refresh.catch_up"
	v.check(r.Interval >= model.Duration(time.Second), on(interval), "too short: %s (want 1s or more)", r.Interval)
	v.check(r.Step > 0, on(step), "must be more than 0 (want the scrape interval of Istio's metrics)")
	v.check(r.Lookback/2 >= r.Step, on(lookback, step), "too short: %s (want at least twice refresh.step, %s)", r.Lookback, r.Step)
	v.check(r.CatchUp >= r.Step, on(catchUp, step), "too short: %s (want at least refresh.step, %s)", r.CatchUp, r.Step)
	v.check(r.CatchUp >= r.Interval || r.CatchUp < r.Step, on(catchUp, interval),
		"too short: %s (want at least refresh.interval, %s, or each refresh skips time)", r.CatchUp, r.Interval)
}

func (v *validator) latency(l *Latency, r *Refresh) {
	if r.Step <= 0 {
		return
	}
	v.check(l.Interval >= r.Step && l.Interval%r.Step == 0, on("latency.interval", "refresh.step"),
		"not a multiple of refresh.step, %s: %s", r.Step, l.Interval)
}

// waypointGlob is two globs of the characters of Kubernetes names.
var waypointGlob = regexp.MustCompile(`^[a-z0-9.*?-]+/[a-z0-9.*?-]+$`)

func (v *validator) istio(i *Istio) {
	for n, glob := range i.Waypoints {
		v.check(waypointGlob.MatchString(glob), on(index("istio.waypoints", n)),
			"not a glob on namespace/name: %s (want e.g. */waypoint; * is any text, ? any character)", quote(glob))
	}
}

func (v *validator) limits(l *Limits, r *Refresh) {
	v.check(l.MaxEdges >= 1, on("limits.max_edges"), "too few: %d (want 1 or more)", l.MaxEdges)
	v.check(l.MaxSeries >= 1, on("limits.max_series"), "too few: %d (want 1 or more)", l.MaxSeries)
	v.check(l.IdleTTL >= r.Interval, on("limits.idle_ttl", "refresh.interval"),
		"too short: %s (want at least refresh.interval, %s)", l.IdleTTL, r.Interval)
	v.check(l.StaleAfter >= r.Interval, on("limits.stale_after", "refresh.interval"),
		"too short: %s (want at least refresh.interval, %s)", l.StaleAfter, r.Interval)
}

func (v *validator) kubernetes(clusters []KubernetesCluster) {
	names := map[string]bool{}
	for i, c := range clusters {
		at := index("kubernetes.clusters", i)
		v.check(c.Name != "", on(at+".name", at, "kubernetes.clusters", "kubernetes"), "no name (want the cluster's, as in Istio's source_cluster)")
		v.check(!names[c.Name], on(at+".name"), "a second cluster of that name: %s", quote(c.Name))
		names[c.Name] = true
		v.check(c.Context == "" || c.Kubeconfig != "", on(at+".context", at+".kubeconfig"), "a context without a kubeconfig")
		v.check(len(c.Manifests) == 0 || c.Kubeconfig == "", on(at+".manifests", at+".kubeconfig"),
			"beside a kubeconfig (want one or the other: manifests stand in for an API server)")
	}
}
