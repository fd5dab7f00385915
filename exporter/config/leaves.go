package config

import (
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// leaves has the types that are read as a whole, with a form of their own.
var leaves = map[reflect.Type]reader{
	reflect.TypeFor[model.Duration]():        {want: "a duration, e.g. 15s, 5m", into: readDuration},
	reflect.TypeFor[promconfig.URL]():        {want: "a URL", into: readURL},
	reflect.TypeFor[promconfig.TLSVersion](): {want: "a TLS version", into: readTLSVersion},
	reflect.TypeFor[LatencyMode]():           {want: "histogram, summary or off", into: readLatencyMode},
	reflect.TypeFor[url.Values]():            {want: "a mapping", kind: yaml.MappingNode, into: readQueryParams},
}

func readDuration(n *yaml.Node, v reflect.Value) error {
	d, err := model.ParseDuration(n.Value)
	switch {
	case err == nil:
		v.SetInt(int64(d))
		return nil
	case strings.HasPrefix(n.Value, "-"):
		return fmt.Errorf("a negative duration: %s", quote(n.Value))
	default:
		return fmt.Errorf("not a duration: %s (want e.g. 15s, 5m)", quote(n.Value))
	}
}

// readURL reads a URL of any kind. Its error does not repeat the value, which may hold a password.
func readURL(n *yaml.Node, v reflect.Value) error {
	u, err := url.Parse(n.Value)
	if err != nil {
		return errNotURL
	}
	v.Set(reflect.ValueOf(promconfig.URL{URL: u}))
	return nil
}

func readTLSVersion(n *yaml.Node, v reflect.Value) error {
	version, ok := promconfig.TLSVersions[n.Value]
	if !ok {
		known := slices.Sorted(maps.Keys(promconfig.TLSVersions))
		return fmt.Errorf("unknown TLS version: %s (want %s)", quote(n.Value), strings.Join(known, ", "))
	}
	v.Set(reflect.ValueOf(version))
	return nil
}

func readLatencyMode(n *yaml.Node, v reflect.Value) error {
	switch mode := LatencyMode(n.Value); mode {
	case LatencyHistogram, LatencySummary, LatencyOff:
		v.Set(reflect.ValueOf(mode))
		return nil
	}
	hint := ""
	if n.ShortTag() == "!!bool" {
		hint = `; some tools turn an unquoted off into false: write "off"`
	}
	return fmt.Errorf("unknown mode: %s (want histogram, summary or off%s)", quote(n.Value), hint)
}

// readQueryParams reads a mapping whose values are one text or a list of texts.
func readQueryParams(n *yaml.Node, v reflect.Value) error {
	var params url.Values
	for key, value := range pairs(n) {
		values := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			values = value.Content
		}
		for _, item := range values {
			if item.Kind != yaml.ScalarNode || isNull(item) {
				return fmt.Errorf("wrong value of %q (want text or a list of texts)", key.Value)
			}
			if params == nil {
				params = make(url.Values)
			}
			params.Add(key.Value, item.Value)
		}
	}
	if !isNull(n) {
		v.Set(reflect.ValueOf(params))
	}
	return nil
}
