// Package mixin makes rule files out of the mixin's jsonnet, for Prometheus and
// everything that reads its rules, and what Alertmanager is to keep back.
package mixin

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"path"

	"github.com/google/go-jsonnet"
	"go.yaml.in/yaml/v3"
)

// The names of the files, as they are in the tree.
const (
	AlertsFile = "prometheus-alerts.yaml"
	RulesFile  = "prometheus-rules.yaml"
	// InhibitionFile is a part of Alertmanager's configuration.
	InhibitionFile = "alertmanager-inhibit-rules.yaml"
)

const head = "# Made by \"make mixin\" from mixin/mixin.libsonnet, which is the place for changes.\n"

//go:embed *.libsonnet alerts lib rules
var sources embed.FS

// program is a function of what is to be changed in _config.
const program = `
function(config)
  local mixin = (import 'mixin.libsonnet') + { _config+:: config };
  {
    rules: { '` + AlertsFile + `': mixin.prometheusAlerts, '` + RulesFile + `': mixin.prometheusRules },
    inhibition: mixin.alertmanagerConfig,
  }
`

// groups is a rule file, its fields in the order in which they are read.
type groups struct {
	Groups []struct {
		Name     string `json:"name" yaml:"name"`
		Interval string `json:"interval" yaml:"interval,omitempty"`
		Rules    []struct {
			Record      string            `json:"record" yaml:"record,omitempty"`
			Alert       string            `json:"alert" yaml:"alert,omitempty"`
			Expr        string            `json:"expr" yaml:"expr"`
			For         string            `json:"for" yaml:"for,omitempty"`
			Labels      map[string]string `json:"labels" yaml:"labels,omitempty"`
			Annotations map[string]string `json:"annotations" yaml:"annotations,omitempty"`
		} `json:"rules" yaml:"rules"`
	} `json:"groups" yaml:"groups"`
}

// inhibition is a part of Alertmanager's configuration.
type inhibition struct {
	Rules []struct {
		SourceMatchers []string `json:"source_matchers" yaml:"source_matchers"`
		TargetMatchers []string `json:"target_matchers" yaml:"target_matchers"`
		Equal          []string `json:"equal" yaml:"equal"`
	} `json:"inhibit_rules" yaml:"inhibit_rules"`
}

// Render gives the files by name. The config is jsonnet, and is added to
// the mixin's _config: {} changes nothing.
func Render(config string) (map[string][]byte, error) {
	vm := jsonnet.MakeVM()
	vm.Importer(&importer{read: map[string]jsonnet.Contents{}})
	vm.TLACode("config", config)
	out, err := vm.EvaluateAnonymousSnippet("render.jsonnet", program)
	if err != nil {
		return nil, fmt.Errorf("evaluate the mixin: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(out)))
	decoder.DisallowUnknownFields()
	var made struct {
		Rules      map[string]groups `json:"rules"`
		Inhibition inhibition        `json:"inhibition"`
	}
	if err := decoder.Decode(&made); err != nil {
		return nil, fmt.Errorf("what the mixin gives is neither rules nor inhibitions: %w", err)
	}
	rendered := map[string][]byte{}
	for name, file := range made.Rules {
		if rendered[name], err = write(name, file); err != nil {
			return nil, err
		}
	}
	if rendered[InhibitionFile], err = write(InhibitionFile, made.Inhibition); err != nil {
		return nil, err
	}
	return rendered, nil
}

func write(name string, content any) ([]byte, error) {
	text := bytes.NewBufferString(head)
	encoder := yaml.NewEncoder(text)
	encoder.SetIndent(2)
	if err := encoder.Encode(content); err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	return text.Bytes(), nil
}

// importer reads what is embedded.
type importer struct {
	read map[string]jsonnet.Contents
}

// Import is what an import statement calls. It must give equal contents for
// equal files.
func (i *importer) Import(from, name string) (jsonnet.Contents, string, error) {
	found := path.Join(path.Dir(from), name)
	if contents, ok := i.read[found]; ok {
		return contents, found, nil
	}
	text, err := sources.ReadFile(found)
	if err != nil {
		return jsonnet.Contents{}, "", err
	}
	i.read[found] = jsonnet.MakeContentsRaw(text)
	return i.read[found], found, nil
}
