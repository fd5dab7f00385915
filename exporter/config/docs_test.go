package config_test

import (
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	promconfig "github.com/prometheus/common/config"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/meshscope/meshscope/exporter/config"
)

// grammars are the sections of docs/configuration.md with the structs they describe.
func grammars() map[string]any {
	cfg := config.Default()
	return map[string]any{
		"The file":           *cfg,
		"prometheus":         cfg.Prometheus,
		"http_client_config": cfg.Prometheus.HTTPClientConfig,
		"basic_auth":         promconfig.BasicAuth{},
		"authorization":      promconfig.Authorization{},
		"oauth2":             promconfig.OAuth2{},
		"tls_config":         promconfig.TLSConfig{},
		"header":             promconfig.Header{},
		"refresh":            cfg.Refresh,
		"latency":            cfg.Latency,
		"istio":              cfg.Istio,
		"kubernetes":         cfg.Kubernetes,
		"cluster":            config.KubernetesCluster{},
		"leader_election":    cfg.LeaderElection,
		"health":             cfg.Health,
		"rate":               config.HealthRate{},
		"tolerance":          config.HealthTolerance{},
		"limits":             cfg.Limits,
	}
}

func TestDocumentation(t *testing.T) {
	documented := readGrammar(t)
	structs := grammars()
	require.ElementsMatch(t, slices.Collect(maps.Keys(structs)), slices.Collect(maps.Keys(documented)), "sections")

	for section, value := range structs {
		want := yamlKeys(reflect.TypeOf(value))
		got := slices.Sorted(maps.Keys(documented[section]))
		require.ElementsMatch(t, want, got, "keys of %s", section)
	}
}

// Defaults that are written in the documentation are those of the code.
func TestDocumentedDefaults(t *testing.T) {
	structs := grammars()
	for section, keys := range readGrammar(t) {
		if !strings.HasSuffix(reflect.TypeOf(structs[section]).PkgPath(), "exporter/config") {
			continue // prometheus/common has defaults that its structs do not show
		}
		text, err := yaml.Marshal(structs[section])
		require.NoError(t, err)
		var defaults map[string]any
		require.NoError(t, yaml.Unmarshal(text, &defaults))
		for key, documented := range keys {
			if documented == "" {
				continue
			}
			var want any
			require.NoError(t, yaml.Unmarshal([]byte(documented), &want))
			require.Equal(t, want, defaults[key], "%s.%s", section, key)
		}
	}
}

var (
	grammarHeading = regexp.MustCompile("^### `?<?([^`>]*)>?`?$")
	grammarKey     = regexp.MustCompile(`^(?:\[ )?([a-z0-9_]+):(?: <.*?>)?(?: \| default = (.*?))?(?: \])?$`)
)

// readGrammar returns the keys of each section of the documentation, with their defaults.
func readGrammar(t *testing.T) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/configuration.md")
	require.NoError(t, err)
	_, grammar, found := strings.Cut(string(text), "## Grammar\n")
	require.True(t, found)

	sections := make(map[string]map[string]string)
	var section string
	inBlock := false
	for line := range strings.Lines(grammar) {
		line = strings.TrimRight(line, "\n")
		switch {
		case grammarHeading.MatchString(line):
			section = grammarHeading.FindStringSubmatch(line)[1]
			sections[section] = make(map[string]string)
		case line == "```yml":
			inBlock = true
		case line == "```":
			inBlock = false
		case !inBlock || line == "" || line[0] == '#' || line[0] == ' ':
		default:
			m := grammarKey.FindStringSubmatch(line)
			require.NotNil(t, m, "not in the form of a key: %s", line)
			require.NotContains(t, sections[section], m[1], "documented twice")
			sections[section][m[1]] = m[2]
		}
	}
	return sections
}

// yamlKeys returns the keys of a struct, without those that are refused for want of a secret manager.
func yamlKeys(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case !f.IsExported() || strings.HasSuffix(name, "_ref"):
		case options == "inline":
			keys = append(keys, yamlKeys(f.Type)...)
		default:
			keys = append(keys, name)
		}
	}
	return keys
}
