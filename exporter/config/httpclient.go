package config

import (
	"errors"
	"reflect"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v3"
)

var httpClientConfig = reflect.TypeFor[promconfig.HTTPClientConfig]()

// httpClient decodes an http_client_config. Keys and types are checked like those of any section, for errors that have
// a line and no value; then prometheus/common reads and judges it, whose errors have neither.
func (d *decoder) httpClient(n *yaml.Node, v reflect.Value, path string) {
	before := len(d.problems)
	d.section(n, v, path)
	if isNull(n) || len(d.problems) > before {
		return
	}
	var cfg promconfig.HTTPClientConfig
	err := n.Decode(&cfg)
	if typeError := (*yaml.TypeError)(nil); errors.As(err, &typeError) {
		err = errors.New("a value of the wrong type") // the library's own text repeats the value
	}
	if err != nil {
		d.fail(n, path, "%v", err)
		return
	}
	v.Set(reflect.ValueOf(cfg))
}
