package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/meshscope/meshscope/exporter/config"
)

func TestParseOfNothingGivesDefaults(t *testing.T) {
	for _, text := range []string{
		"", "\n", "# nothing\n", "---\n", "{}\n", "null\n", "refresh:\nlimits: {}\n", "kubernetes: {clusters: []}\nhealth: {rate: }\n",
		"prometheus: {matchers: [], query_params: {}, http_client_config: }\nistio:\n  waypoints:\n",
	} {
		got, err := config.Parse("meshscope.yml", []byte(text))
		require.NoError(t, err, "%q", text)
		require.Equal(t, config.Default(), got, "%q", text)
	}
}

func TestParseOfMarshalledDefaultsGivesDefaults(t *testing.T) {
	text, err := yaml.Marshal(config.Default())
	require.NoError(t, err)
	got, err := config.Parse("meshscope.yml", text)
	require.NoError(t, err, "%s", text)
	require.Equal(t, config.Default(), got)
}

// The defaults, written as in the documentation.
func TestDefaultsFile(t *testing.T) {
	got, err := config.Load("testdata/defaults.yml")
	require.NoError(t, err)
	require.Equal(t, config.Default(), got)
}

func TestLoadFull(t *testing.T) {
	got, err := config.Load("testdata/full.yml")
	require.NoError(t, err)

	require.Equal(t, "https://thanos.example.com/base", got.Prometheus.URL.String())
	client := got.Prometheus.HTTPClientConfig
	require.Equal(t, promconfig.Secret("s3cr3t"), client.BasicAuth.Password)
	require.Equal(t, filepath.Join("testdata", "ca.pem"), client.TLSConfig.CAFile, "relative to the configuration file")
	require.True(t, client.FollowRedirects, "prometheus/common's default")
	require.Equal(t, []string{"17"}, client.HTTPHeaders.Headers["X-Scope-OrgID"].Values)

	require.Contains(t, got.String(), "password: <secret>\n")
	require.NotContains(t, fmt.Sprintf("%v %+v", got, got), "s3cr3t")

	got.Prometheus.URL = promconfig.URL{}
	got.Prometheus.HTTPClientConfig = promconfig.HTTPClientConfig{}
	want := &config.Config{
		Prometheus: config.Prometheus{
			QueryParams:    map[string][]string{"dedup": {"true"}, "replicaLabels[]": {"replica", "rule_replica"}},
			Matchers:       []string{`mesh_id="m1"`, `namespace!~"test-.*"`},
			MetricPrefix:   "workload:",
			ClusterLabel:   "k8s_cluster",
			Timeout:        duration(t, "20s"),
			MaxConcurrency: 8,
		},
		Refresh: config.Refresh{
			Interval: duration(t, "30s"),
			Step:     duration(t, "10s"),
			Lookback: duration(t, "10m"),
			Lag:      0,
			CatchUp:  duration(t, "1h30m"),
		},
		Latency: config.Latency{Mode: config.LatencyOff, Interval: duration(t, "2m")},
		Istio:   config.Istio{Waypoints: []string{"*/waypoint", "shop/wp-?"}},
		Kubernetes: config.Kubernetes{Clusters: []config.KubernetesCluster{
			{Name: "east", Manifests: []string{filepath.Join("testdata", "mesh.yaml"), "/etc/meshscope/gateways.yaml"}},
			{Name: "west", Kubeconfig: filepath.Join("testdata", "kubeconfig.yml"), Context: "west-1"},
			{Name: "here"},
		}},
		LeaderElection: config.LeaderElection{Namespace: "mesh", Name: "meshscope-a"},
		Health: config.Health{
			Window: duration(t, "10m"), MinRequests: 30, For: 0,
			Rate: []config.HealthRate{
				{Namespace: "shop-.*", Kind: "workload", Name: "checkout-v1|cart-v[12]", Tolerance: []config.HealthTolerance{
					{Code: "5XX", Protocol: "http", Direction: "inbound", Degraded: 0.5, Failure: 2},
					{Code: "429", Failure: 50},
				}},
				{Tolerance: []config.HealthTolerance{{Code: "^-$", Degraded: 1, Failure: 100}}},
			},
		},
		Limits: config.Limits{MaxEdges: 500, MaxSeries: 20000, IdleTTL: duration(t, "6h"), StaleAfter: duration(t, "2m")},
	}
	require.Equal(t, want, got)
}

func duration(t *testing.T, s string) model.Duration {
	t.Helper()
	d, err := model.ParseDuration(s)
	require.NoError(t, err)
	return d
}

// Each file has what it is named after, and exactly these problems.
func TestInvalid(t *testing.T) {
	var tested []string
	for file, want := range map[string][]string{
		"syntax":              {`:3: not YAML: did not find expected ',' or '}'`},
		"two-documents":       {`: a second YAML document (want one)`},
		"not-a-mapping":       {`:1: wrong type: found a list (want a mapping)`},
		"alias":               {`:2: refresh: anchors and aliases are not supported (text that begins with * or & needs quotes)`},
		"unquoted-star":       {`:4: anchors and aliases are not supported (text that begins with * or & needs quotes)`},
		"tag":                 {`:2: prometheus.url: a YAML tag is not supported here`},
		"merge-key":           {`:2: refresh: a key that is not text`},
		"unknown-section":     {`:1: prometeus: unknown key (did you mean prometheus?)`},
		"unknown-key":         {`:3: refresh.intervall: unknown key (did you mean interval?)`},
		"unknown-key-far":     {`:2: istio.revision: unknown key (want one of waypoints)`},
		"unknown-client-key":  {`:5: prometheus.http_client_config.tls_config.insecure_skip_verfy: unknown key (did you mean insecure_skip_verify?)`},
		"duplicate-key":       {`:4: refresh.step: duplicate key (first on line 2)`},
		"section-is-a-text":   {`:1: refresh: wrong type: found a single value (want a mapping)`},
		"section-is-a-list":   {`:1: limits: wrong type: found a list (want a mapping)`},
		"list-is-a-text":      {`:2: prometheus.matchers: wrong type: found a single value (want a list)`},
		"text-is-a-list":      {`:2: prometheus.metric_prefix: wrong type: found a list (want text)`},
		"no-value":            {`:2: prometheus.cluster_label: no value (want text)`},
		"not-a-number":        {`:2: limits.max_edges: not a whole number: "many" (want e.g. 4)`, `:3: limits.max_series: not a whole number: "1.5" (want e.g. 4)`},
		"not-a-bool":          {`:2: leader_election.enabled: not true or false: "maybe"`},
		"duration":            {`:7: refresh.interval: not a duration: "15 parsecs" (want e.g. 15s, 5m)`},
		"duration-is-a-list":  {`:2: refresh.step: wrong type: found a list (want a duration, e.g. 15s, 5m)`},
		"negative-lag":        {`:2: refresh.lag: a negative duration: "-10s"`},
		"step-0":              {`:2: refresh.step: must be more than 0 (want the scrape interval of Istio's metrics)`},
		"interval-short":      {`:2: refresh.interval: too short: 500ms (want 1s or more)`},
		"lookback-short":      {`:3: refresh.lookback: too short: 1m (want at least twice refresh.step, 45s)`},
		"lookback-default":    {`:3: refresh.lookback: too short: 5m (want at least twice refresh.step, 3m)`},
		"catch-up-short":      {`:2: refresh.catch_up: too short: 10s (want at least refresh.step, 15s)`},
		"catch-up-interval":   {`:3: refresh.catch_up: too short: 1m (want at least refresh.interval, 5m, or each refresh skips time)`},
		"latency-mode":        {`:2: latency.mode: unknown mode: "p99" (want histogram, summary or off)`},
		"latency-mode-false":  {`:2: latency.mode: unknown mode: "false" (want histogram, summary or off; some tools turn an unquoted off into false: write "off")`},
		"latency-interval":    {`:2: latency.interval: not a multiple of refresh.step, 15s: 40s`},
		"url":                 {`:2: prometheus.url: not an http or https URL: "prometheus:9090" (want e.g. http://prometheus:9090)`},
		"url-unreadable":      {`:2: prometheus.url: not a URL (want e.g. http://prometheus:9090)`},
		"url-credentials":     {`:2: prometheus.url: credentials in the URL (put them into http_client_config.basic_auth)`},
		"url-query":           {`:2: prometheus.url: a query string in the URL (use query_params)`},
		"query-param":         {`:4: prometheus.query_params.step: set by Meshscope itself for each query`},
		"query-param-value":   {`:2: prometheus.query_params: wrong value of "dedup" (want text or a list of texts)`},
		"matcher":             {`:4: prometheus.matchers[1]: not a matcher: "mesh_id=m2": a value in quotes is missing (want e.g. mesh_id="m1")`},
		"matcher-empty":       {`:2: prometheus.matchers[0]: not one matcher: "" (want e.g. mesh_id="m1")`},
		"matcher-name":        {`:3: prometheus.matchers[0]: a matcher on the metric name: "__name__=\"istio_requests_total\"" (want e.g. mesh_id="m1")`},
		"metric-prefix":       {`:2: prometheus.metric_prefix: not the beginning of a metric name: "workload-" (want letters, digits, _ and :)`},
		"cluster-label":       {`:2: prometheus.cluster_label: not a label name: "k8s.cluster" (want letters, digits and _)`},
		"timeout":             {`:1: prometheus.timeout: must be more than 0`},
		"max-concurrency":     {`:1: prometheus.max_concurrency: too few: 0 (want 1 or more)`},
		"client-combination":  {`:2: prometheus.http_client_config: at most one of basic_auth, oauth2 & authorization must be configured`},
		"client-proxy-url":    {`:3: prometheus.http_client_config.proxy_url: not a URL (want e.g. http://prometheus:9090)`},
		"client-tls-version":  {`:4: prometheus.http_client_config.tls_config.min_version: unknown TLS version: "TLS1.2" (want TLS10, TLS11, TLS12, TLS13)`},
		"client-secret-ref":   {`:5: prometheus.http_client_config.basic_auth.password_ref: there is no secret manager (use a file)`},
		"client-wrong-type":   {`:3: prometheus.http_client_config.basic_auth: wrong type: found a single value (want a mapping)`},
		"client-header":       {`:2: prometheus.http_client_config: setting header "Authorization" is not allowed`},
		"waypoint":            {`:2: istio.waypoints[0]: not a glob on namespace/name: "waypoint" (want e.g. */waypoint; * is any text, ? any character)`},
		"max-edges":           {`:1: limits.max_edges: too few: 0 (want 1 or more)`},
		"max-series":          {`:1: limits.max_series: too few: -1 (want 1 or more)`},
		"idle-ttl":            {`:1: limits.idle_ttl: too short: 5s (want at least refresh.interval, 15s)`},
		"stale-after":         {`:3: limits.stale_after: too short: 5m (want at least refresh.interval, 10m)`},
		"unknown-cluster-key": {`:4: kubernetes.clusters[0].contxt: unknown key (did you mean context?)`},
		"clusters": {
			`:4: kubernetes.clusters[0].manifests: beside a kubeconfig (want one or the other: manifests stand in for an API server)`,
			`:7: kubernetes.clusters[1].name: a second cluster of that name: "Kubernetes"`,
			`:9: kubernetes.clusters[2].name: no name (want the cluster's, as in Istio's source_cluster)`,
			`:11: kubernetes.clusters[3].context: a context without a kubeconfig`,
		},
		"leader-election": {
			`:2: leader_election.enabled: there is no API server to keep the lease: the home cluster, kubernetes.clusters[0], is read from manifests`,
			`:3: leader_election.namespace: not the name of a namespace: "mesh.system" (want lower case letters, digits and -)`,
			`:4: leader_election.name: not the name of a lease: "Meshscope" (want lower case letters, digits, - and .)`,
		},
		"unknown-health-key": {`:3: health.rate[0].names: unknown key (did you mean name?)`},
		"health": {
			`:2: health.window: too short: 5s (want at least refresh.step, 15s)`,
			`:3: health.min_requests: too few: -1 (want 0 or more)`,
			`:4: health.for: a negative duration: "-1m"`,
			`:6: health.rate[0].namespace: not a regular expression: "shop(": missing closing )`,
			`:6: health.rate[0].tolerance: none (want at least one)`,
			`:9: health.rate[1].tolerance[0].code: not a regular expression: "[45XX": missing closing ]`,
			`:9: health.rate[1].tolerance[0].degraded: more than failure: 20 (want at most 10)`,
			`:10: health.rate[1].tolerance[1].code: no code (want e.g. 5XX, or .* for all)`,
			`:11: health.rate[1].tolerance[2].degraded: not a percentage: -1 (want 0 or more)`,
			`:12: health.rate[1].tolerance[3].failure: not a number: "10%" (want e.g. 2.5)`,
		},
		"several": {
			`:2: prometheus.url: not an http or https URL: "ftp://prometheus" (want e.g. http://prometheus:9090)`,
			`:3: prometheus.timeout: not a duration: "30" (want e.g. 15s, 5m)`,
			`:5: refresh.interval: too short: 100ms (want 1s or more)`,
			`:6: refresh.stp: unknown key (did you mean step?)`,
			`:8: limits.max_edges: too few: 0 (want 1 or more)`,
		},
	} {
		t.Run(file, func(t *testing.T) {
			path := filepath.Join("testdata", "invalid-"+file+".yml")
			_, err := config.Load(path)
			parseError := new(config.ParseError)
			require.ErrorAs(t, err, &parseError)
			for i := range want {
				want[i] = path + want[i]
			}
			if diff := cmp.Diff(strings.Join(want, "\n"), err.Error()); diff != "" {
				t.Errorf("(-want, +got)\n%s", diff)
			}
			require.NotContains(t, err.Error(), "hunter2", "a secret")
		})
		tested = append(tested, "invalid-"+file+".yml")
	}

	files, err := filepath.Glob("testdata/invalid-*.yml")
	require.NoError(t, err)
	for _, file := range files {
		require.Contains(t, tested, filepath.Base(file), "a file without a test")
	}
}

func TestLoadOfNoFile(t *testing.T) {
	_, err := config.Load("testdata/none.yml")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestProblemsHaveColumns(t *testing.T) {
	_, err := config.Parse("c.yml", []byte("refresh: {step: 15s, lag: soon}\n"))
	parseError := new(config.ParseError)
	require.ErrorAs(t, err, &parseError)
	require.Equal(t, []config.Problem{{
		File: "c.yml", Line: 1, Column: 27, Key: "refresh.lag", Message: `not a duration: "soon" (want e.g. 15s, 5m)`,
	}}, parseError.Problems)
}

func TestParseURL(t *testing.T) {
	u, err := config.ParseURL("http://localhost:9090/prometheus")
	require.NoError(t, err)
	require.Equal(t, "/prometheus", u.Path)
	for _, text := range []string{"", "localhost:9090", "http://", "http://u:hunter2@h", "u:hunter2@h", "http://u:hunter2@h o", "http://h?x=1", "http://h#x"} {
		_, err := config.ParseURL(text)
		require.Error(t, err, text)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yml")
	require.NoError(f, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		cfg, err := config.Parse("fuzz.yml", text)
		if err == nil {
			require.Positive(t, cfg.Refresh.Step)
			require.GreaterOrEqual(t, time.Duration(cfg.Refresh.Interval), time.Second)
			require.Contains(t, []string{"http", "https"}, cfg.Prometheus.URL.Scheme)
			return
		}
		parseError := new(config.ParseError)
		require.ErrorAs(t, err, &parseError)
		require.NotEmpty(t, parseError.Problems)
		require.True(t, slices.IsSortedFunc(parseError.Problems, func(a, b config.Problem) int { return a.Line - b.Line }))
	})
}
