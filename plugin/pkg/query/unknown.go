package query

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// ofGrafana are the fields that Grafana itself adds to the queries of any data source.
var ofGrafana = []string{
	"refId", "datasource", "datasourceId", "hide", "key", "intervalMs", "maxDataPoints", "timeRange",
	"requestId", "queryCachingTTL", "resultAssertions", "interval", "range", "instant", "exemplar", "utcOffsetSec",
}

// unknown looks at the fields that neither this package nor Grafana knows.
// What resembles a field is taken for it, misspelt: were it ignored, the
// answer would be to another question. The rest may come from a later Grafana,
// and must not break every dashboard.
func unknown(stored map[string]json.RawMessage) (remarks []string, misspelt []error) {
	for _, name := range slices.Sorted(maps.Keys(stored)) {
		if isField(name) || slices.Contains(ofGrafana, name) {
			continue
		}
		if meant := nearest(name); meant != "" {
			misspelt = append(misspelt, &FieldError{
				Field: name, Value: brief(stored[name]), Problem: fmt.Sprintf("stands in an unknown field; did you mean %s?", meant),
			})
			continue
		}
		remarks = append(remarks, fmt.Sprintf("The query's field %q is not known to this version and was not used.", name))
	}
	return remarks, misspelt
}

func isField(name string) bool {
	return slices.ContainsFunc(fields, func(f field) bool { return f.name == name })
}

// nearest is the field that a name was likely meant to be, "" for none.
func nearest(name string) string {
	for _, f := range fields {
		if levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(f.name)) <= min(2, len(f.name)/3) {
			return f.name
		}
	}
	return ""
}
