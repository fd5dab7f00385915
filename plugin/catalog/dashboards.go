package catalog

import (
	"encoding/json"
	"io/fs"
	"path"
	"strings"
)

const dashboardFolder = "dashboards"

// checkDashboards holds the list of what can be imported, which Grafana shows
// on the page of a data source, to the files. One that is missing would take
// the whole list with it.
func (p *packed) checkDashboards() {
	listed := map[string]bool{}
	for _, include := range p.about.Includes {
		if include.Type != "dashboard" {
			p.fault(metadataFile, "includes: %q is a %s: want dashboard", include.Name, include.Type)
			continue
		}
		listed[include.Path] = true
		text, err := fs.ReadFile(p, include.Path)
		if err != nil {
			p.fault(metadataFile, "includes: there is no %q", include.Path)
			continue
		}
		var dashboard struct {
			UID, Title string
			Inputs     []any `json:"__inputs"`
		}
		switch err := json.Unmarshal(text, &dashboard); {
		case err != nil:
			p.fault(include.Path, "%w", err)
		case dashboard.Title != include.Name:
			p.fault(metadataFile, "includes: %s is %q in its file and %q here", include.Path, dashboard.Title, include.Name)
		case dashboard.UID == "":
			p.fault(include.Path, "it has no uid, by which other dashboards lead to it")
		case len(dashboard.Inputs) > 0:
			p.fault(include.Path, "it has __inputs: want variables for data sources")
		}
	}
	for _, file := range p.files {
		if strings.HasPrefix(file, dashboardFolder+"/") && path.Ext(file) == ".json" && !listed[file] {
			p.fault(metadataFile, "includes: %s is not in it", file)
		}
	}
}
