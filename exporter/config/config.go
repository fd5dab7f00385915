// Package config reads the one configuration file of the exporter.
//
// The file is YAML and strict: a key that is not known, a value of the wrong type or out of its range, and a
// combination that cannot work are errors. Each of them is reported with its file, line and key, all of them at once,
// because whoever mends the file wants to see the whole list.
//
// Values under http_client_config may be secrets. They are never part of an error, nor of a Config's String.
package config

import (
	"net/url"
	"slices"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"github.com/meshscope/meshscope/exporter/health"
	"github.com/meshscope/meshscope/exporter/istio"
)

// Config is the content of the configuration file. Default gives its defaults; Load and Parse give only valid ones.
type Config struct {
	Prometheus     Prometheus     `yaml:"prometheus"`
	Refresh        Refresh        `yaml:"refresh"`
	Latency        Latency        `yaml:"latency"`
	Istio          Istio          `yaml:"istio"`
	Kubernetes     Kubernetes     `yaml:"kubernetes"`
	LeaderElection LeaderElection `yaml:"leader_election"`
	Health         Health         `yaml:"health"`
	Limits         Limits         `yaml:"limits"`
}

// String gives the configuration as a file, with <secret> in the place of each secret.
func (c *Config) String() string {
	text, err := yaml.Marshal(c)
	if err != nil {
		return "configuration that cannot be shown: " + err.Error()
	}
	return string(text)
}

// Prometheus says which Prometheus-compatible store is asked, and how.
type Prometheus struct {
	// URL is the root of the store's API, without /api/v1. It holds neither credentials nor a query string.
	URL promconfig.URL `yaml:"url"`
	// HTTPClientConfig holds TLS, authentication, headers and proxy, in the form all Prometheus components share. File
	// names in it are resolved against the configuration file's directory.
	HTTPClientConfig promconfig.HTTPClientConfig `yaml:"http_client_config"`
	// QueryParams are added to every query, e.g. dedup for Thanos. One name may have several values.
	QueryParams url.Values `yaml:"query_params"`
	// Matchers are added to every selector, each in PromQL syntax, e.g. mesh_id="m1".
	Matchers []string `yaml:"matchers"`
	// MetricPrefix stands before the name of each Istio metric, e.g. "workload:" behind Istio's federation rules.
	MetricPrefix string `yaml:"metric_prefix"`
	// ClusterLabel is the store's own label for the scraped cluster, which is used where Istio's labels do not tell.
	ClusterLabel string `yaml:"cluster_label"`
	// Timeout limits one query.
	Timeout model.Duration `yaml:"timeout"`
	// MaxConcurrency is the number of queries that run at a time, at least 1.
	MaxConcurrency int `yaml:"max_concurrency"`
}

// Refresh says when the topology is derived, and from which samples.
type Refresh struct {
	// Interval is the time from one refresh to the next, at least one second.
	Interval model.Duration `yaml:"interval"`
	// Step is the resolution of the increments: the scrape interval of Istio's metrics.
	Step model.Duration `yaml:"step"`
	// Lookback is the longest gap between two scrapes that is bridged, at least twice the Step.
	Lookback model.Duration `yaml:"lookback"`
	// Lag is how long after its scrape a sample can be queried.
	Lag model.Duration `yaml:"lag"`
	// CatchUp is the longest absence of the store that is made up for. What lies before it is skipped, and counted.
	CatchUp model.Duration `yaml:"catch_up"`
}

// LatencyMode says what is published of request durations.
type LatencyMode string

// The latency modes.
const (
	LatencyHistogram LatencyMode = "histogram" // buckets, sum and count
	LatencySummary   LatencyMode = "summary"   // sum and count
	LatencyOff       LatencyMode = "off"       // nothing, and nothing is queried
)

// Latency says what is derived of request durations.
type Latency struct {
	Mode LatencyMode `yaml:"mode"`
	// Interval is the time from one refresh of the durations to the next, a multiple of Refresh.Step.
	Interval model.Duration `yaml:"interval"`
}

// Istio says what telemetry cannot tell about the mesh.
type Istio struct {
	// Waypoints are globs on namespace/name that tell which workloads are waypoints.
	Waypoints []string `yaml:"waypoints"`
}

// Kubernetes says which clusters' objects complete the picture that telemetry gives.
type Kubernetes struct {
	// Clusters are the clusters of the mesh, the home cluster first.
	Clusters []KubernetesCluster `yaml:"clusters"`
}

// KubernetesCluster is one cluster of the mesh.
type KubernetesCluster struct {
	// Name is the cluster's name in source_cluster and destination_cluster.
	Name string `yaml:"name"`
	// Kubeconfig is a file with the access to the API server; empty means the cluster that the exporter runs in. Its name
	// is resolved against the configuration file's directory.
	Kubeconfig string `yaml:"kubeconfig"`
	// Context is the context to use of Kubeconfig; empty means its current one.
	Context string `yaml:"context"`
	// Manifests are files whose objects stand in for an API server. Their names are resolved like Kubeconfig.
	Manifests []string `yaml:"manifests"`
}

// LeaderElection lets one of several replicas publish the topology, by a lease in the home cluster.
type LeaderElection struct {
	Enabled bool `yaml:"enabled"`
	// Namespace is the namespace of the lease; empty means the exporter's own, or that of the home cluster's context.
	Namespace string `yaml:"namespace"`
	// Name is the name of the lease.
	Name string `yaml:"name"`
}

// Health says how health is judged.
type Health struct {
	// Window is the time whose requests are judged.
	Window model.Duration `yaml:"window"`
	// MinRequests is the number of requests in Window, of one direction and protocol, from which on their errors count.
	MinRequests int `yaml:"min_requests"`
	// For is how long another verdict must last before it is published.
	For model.Duration `yaml:"for"`
	// Rate says what is tolerated of whom, in the words of Kiali's health_config. The first that matches holds; Kiali's
	// defaults come last.
	Rate []HealthRate `yaml:"rate"`
}

// HealthRate is what is tolerated of some workloads, apps and services.
type HealthRate struct {
	// Namespace, Kind and Name are regular expressions; an empty one matches any.
	Namespace string            `yaml:"namespace"`
	Kind      string            `yaml:"kind"`
	Name      string            `yaml:"name"`
	Tolerance []HealthTolerance `yaml:"tolerance"`
}

// HealthTolerance says how many calls may end in a way.
type HealthTolerance struct {
	// Code, Protocol and Direction are regular expressions; of the last two an empty one matches any.
	Code      string `yaml:"code"`
	Protocol  string `yaml:"protocol"`
	Direction string `yaml:"direction"`
	// Degraded and Failure are percentages.
	Degraded float64 `yaml:"degraded"`
	Failure  float64 `yaml:"failure"`
}

// Limits bound what the exporter keeps and publishes.
type Limits struct {
	// MaxEdges is the number of edges published at most; the busiest are kept and the others counted.
	MaxEdges int `yaml:"max_edges"`
	// MaxSeries is the number of topology series published at most.
	MaxSeries int `yaml:"max_series"`
	// IdleTTL is the time without traffic after which an edge leaves.
	IdleTTL model.Duration `yaml:"idle_ttl"`
	// StaleAfter is the time without a successful refresh after which topology series are no longer published.
	StaleAfter model.Duration `yaml:"stale_after"`
}

// Default returns the configuration of an empty file. Each call returns a new one, which the caller may change.
func Default() *Config {
	return &Config{
		Prometheus: Prometheus{
			URL:              promconfig.URL{URL: &url.URL{Scheme: "http", Host: "prometheus.istio-system:9090"}},
			HTTPClientConfig: promconfig.DefaultHTTPClientConfig,
			Timeout:          model.Duration(30 * time.Second),
			MaxConcurrency:   4,
		},
		Refresh: Refresh{
			Interval: model.Duration(15 * time.Second),
			Step:     model.Duration(15 * time.Second),
			Lookback: model.Duration(5 * time.Minute),
			Lag:      model.Duration(10 * time.Second),
			CatchUp:  model.Duration(time.Hour),
		},
		Latency:        Latency{Mode: LatencyHistogram, Interval: model.Duration(time.Minute)},
		Istio:          Istio{Waypoints: slices.Clone(istio.DefaultWaypoints)},
		LeaderElection: LeaderElection{Name: "meshscope"},
		Health: Health{
			Window:      model.Duration(5 * time.Minute),
			MinRequests: health.DefaultMinRequests,
			For:         model.Duration(time.Minute),
		},
		Limits: Limits{
			MaxEdges:   10000,
			MaxSeries:  500000,
			IdleTTL:    model.Duration(time.Hour),
			StaleAfter: model.Duration(5 * time.Minute),
		},
	}
}
