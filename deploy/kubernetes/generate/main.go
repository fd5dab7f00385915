// Command generate writes the mixin's alerts and rules as an object of the
// Prometheus operator.
package main

import (
	"bytes"
	"fmt"
	"os"

	"go.yaml.in/yaml/v3"

	"github.com/meshscope/meshscope/mixin"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) != 1 {
		return fmt.Errorf("want the file to write, got %q", arguments)
	}
	text, err := prometheusRule()
	if err != nil {
		return err
	}
	return os.WriteFile(arguments[0], text, 0o644)
}

const head = "# Made by \"make mixin\" from mixin/mixin.libsonnet, which is the place for changes.\n"

// object is a PrometheusRule. Its groups are those of the rule files, as they
// are written there.
type object struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Metadata   struct {
		Name string `yaml:"name"`
	} `yaml:"metadata"`
	Spec groups `yaml:"spec"`
}

type groups struct {
	Groups []yaml.Node `yaml:"groups"`
}

func prometheusRule() ([]byte, error) {
	files, err := mixin.Render("{}")
	if err != nil {
		return nil, err
	}
	made := object{APIVersion: "monitoring.coreos.com/v1", Kind: "PrometheusRule"}
	made.Metadata.Name = "meshscope"
	for _, name := range []string{mixin.AlertsFile, mixin.RulesFile} {
		var file groups
		if err := yaml.Unmarshal(files[name], &file); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		made.Spec.Groups = append(made.Spec.Groups, file.Groups...)
	}
	text := bytes.NewBufferString(head)
	encoder := yaml.NewEncoder(text)
	encoder.SetIndent(2)
	if err := encoder.Encode(made); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}
