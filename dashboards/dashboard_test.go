// Package dashboards_test holds the dashboards to what Grafana, Prometheus and
// the data source make of them. They are read from the files that users get.
package dashboards_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// dashboard is what the tests look at of a dashboard.
type dashboard struct {
	UID           string `json:"uid"`
	Title         string `json:"title"`
	Description   string `json:"description"`
	SchemaVersion int    `json:"schemaVersion"`
	Editable      *bool  `json:"editable"`
	Time          struct {
		From string `json:"from"`
		To   string `json:"to"`
	} `json:"time"`
	Templating struct {
		List []variable `json:"list"`
	} `json:"templating"`
	Annotations struct {
		List []struct {
			Enable     bool            `json:"enable"`
			Datasource datasource      `json:"datasource"`
			Target     json.RawMessage `json:"target"`
		} `json:"list"`
	} `json:"annotations"`
	Links  []topLink `json:"links"`
	Panels []panel   `json:"panels"`

	file string
}

type variable struct {
	Name       string          `json:"name"`
	Type       string          `json:"type"`
	Label      string          `json:"label"`
	Query      json.RawMessage `json:"query"` // a text, or an object that holds one
	Definition string          `json:"definition"`
	Datasource datasource      `json:"datasource"`
	Refresh    int             `json:"refresh"`
	Multi      bool            `json:"multi"`
	IncludeAll bool            `json:"includeAll"`
	AllValue   string          `json:"allValue"`
	Regex      string          `json:"regex"`
}

// isOne tells that one value of the variable is chosen, which a query reads as it is.
func (v variable) isOne() bool { return v.Type == "query" && !v.Multi }

type datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

type panel struct {
	ID          int        `json:"id"`
	Type        string     `json:"type"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Datasource  datasource `json:"datasource"`
	Targets     []target   `json:"targets"`
	GridPos     gridPos    `json:"gridPos"`
	FieldConfig struct {
		Defaults struct {
			Unit    string     `json:"unit"`
			NoValue string     `json:"noValue"`
			Links   []dataLink `json:"links"`
		} `json:"defaults"`
		Overrides []struct {
			Matcher struct {
				ID      string `json:"id"`
				Options any    `json:"options"`
			} `json:"matcher"`
			Properties []struct {
				ID    string          `json:"id"`
				Value json.RawMessage `json:"value"`
			} `json:"properties"`
		} `json:"overrides"`
	} `json:"fieldConfig"`
	Transformations []struct {
		ID      string `json:"id"`
		Options struct {
			ExcludeByName map[string]bool   `json:"excludeByName"`
			IndexByName   map[string]int    `json:"indexByName"`
			RenameByName  map[string]string `json:"renameByName"`
			Filters       []struct {
				FieldName string `json:"fieldName"`
				Config    struct {
					Options struct {
						Value json.RawMessage `json:"value"`
					} `json:"options"`
				} `json:"config"`
			} `json:"filters"`
		} `json:"options"`
	} `json:"transformations"`
}

type gridPos struct{ X, Y, W, H int }

// target is one query of a panel. raw is all of it, as the data source gets it.
type target struct {
	RefID        string     `json:"refId"`
	Datasource   datasource `json:"datasource"`
	Expr         string     `json:"expr"`
	Interval     string     `json:"interval"`
	Instant      bool       `json:"instant"`
	Range        bool       `json:"range"`
	Format       string     `json:"format"`
	LegendFormat string     `json:"legendFormat"`

	raw json.RawMessage
}

func (t *target) UnmarshalJSON(raw []byte) error {
	type plain target
	t.raw = append(json.RawMessage(nil), raw...)
	return json.Unmarshal(raw, (*plain)(t))
}

// Types of data sources.
const (
	prometheus = "prometheus"
	meshscope  = "meshscope-topology-datasource"
	mixed      = "datasource" // several, which each query names
)

// dashboards are all files.
func dashboards(t testing.TB) []dashboard {
	t.Helper()
	files, err := filepath.Glob("*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := make([]dashboard, len(files))
	for i, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &all[i]), file)
		all[i].file = file
	}
	return all
}

// eachPanel runs a test of each panel of each dashboard.
func eachPanel(t *testing.T, test func(*testing.T, dashboard, panel)) {
	t.Helper()
	for _, d := range dashboards(t) {
		for _, p := range d.Panels {
			t.Run(d.file+"/"+p.Title, func(t *testing.T) { test(t, d, p) })
		}
	}
}
