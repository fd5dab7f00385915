package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v3"
)

// Load reads the configuration file at path. An error is a *ParseError, unless the file cannot be read.
func Load(path string) (*Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the configuration: %w", err)
	}
	return Parse(path, text)
}

// Parse reads a configuration from text. Errors give name as the file's name, and its directory is the one that
// relative file names start from. An error is always a *ParseError.
func Parse(name string, text []byte) (*Config, error) {
	root, err := parseYAML(text)
	if err != nil {
		return nil, newParseError(name, []Problem{syntaxProblem(err, text)})
	}
	cfg := Default()
	if root == nil {
		return cfg, nil
	}
	problems := checkDocument(root)
	if len(problems) == 0 {
		d := newDecoder()
		d.decode(root, reflect.ValueOf(cfg).Elem(), "")
		problems = append(d.problems, validate(cfg, d)...)
	}
	if err := newParseError(name, problems); err != nil {
		return nil, err
	}
	directory := filepath.Dir(name)
	cfg.Prometheus.HTTPClientConfig.SetDirectory(directory)
	for n := range cfg.Kubernetes.Clusters {
		c := &cfg.Kubernetes.Clusters[n]
		c.Kubeconfig = promconfig.JoinDir(directory, c.Kubeconfig)
		for i, file := range c.Manifests {
			c.Manifests[i] = promconfig.JoinDir(directory, file)
		}
	}
	return cfg, nil
}

var errSecondDocument = errors.New("a second YAML document (want one)")

// parseYAML returns the top node of the only document in text, or nil for an empty text.
func parseYAML(text []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, err
	}
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		return nil, err
	default:
		return nil, errSecondDocument
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, nil
	}
	return doc.Content[0], nil
}
