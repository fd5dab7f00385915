package catalog

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

const metadataFile = "plugin.json"

// Metadata is what plugin.json says, as far as it matters here.
type Metadata struct {
	Type, Name, ID, Executable, BuildMode   string
	Backend, Metrics, Alerting, Annotations bool
	Info                                    Info
	Includes                                []Include
	Dependencies                            struct{ GrafanaDependency string }
}

// Info is what the catalog shows.
type Info struct {
	Description      string
	Author           struct{ Name string }
	Keywords         []string
	Logos            struct{ Small, Large string }
	Links            []struct{ Name, URL string }
	Screenshots      []struct{ Name, Path string }
	Version, Updated string
}

// Include is something that comes with the plugin, such as a dashboard.
type Include struct{ Type, Name, Path string }

// Read reads a plugin's plugin.json.
func Read(plugin fs.FS) (Metadata, error) {
	var m Metadata
	text, err := fs.ReadFile(plugin, metadataFile)
	if err != nil {
		return m, fmt.Errorf("plugin.json tells what the plugin is: %w", err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("plugin.json: %w", err)
	}
	return m, nil
}

var (
	idForm         = regexp.MustCompile(`^[0-9a-z]+-([0-9a-z]+-)?datasource$`)
	versionForm    = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$`)
	dependencyForm = regexp.MustCompile(`^>=\d+\.\d+\.\d+-0$`)
)

// longestDescription is what the catalog shows without cutting it.
const longestDescription = 200

func (p *packed) checkMetadata() {
	m, info := p.about, p.about.Info
	refuse := func(is bool, format string, arguments ...any) {
		if is {
			p.fault(metadataFile, format, arguments...)
		}
	}
	refuse(!idForm.MatchString(m.ID), "id %q: want ORGANISATION-NAME-datasource, in lower case", m.ID)
	refuse(m.Type != "datasource", "type %q: want datasource", m.Type)
	refuse(m.Name == "", "name is empty")
	refuse(!m.Backend || !m.Alerting || !m.Metrics || !m.Annotations, "backend, alerting, metrics and annotations: want all true")
	refuse(!strings.HasPrefix(m.Executable, "gpx_"), "executable %q: want gpx_NAME", m.Executable)
	refuse(m.BuildMode != "production", "buildMode %q: want production, which is how npm run build builds", m.BuildMode)
	refuse(!dependencyForm.MatchString(m.Dependencies.GrafanaDependency),
		"grafanaDependency %q: want >=X.Y.Z-0, for previews and builds of Grafana's cloud to count", m.Dependencies.GrafanaDependency)
	refuse(info.Description == "" || len(info.Description) > longestDescription,
		"info.description: want 1 to %d characters, has %d", longestDescription, len(info.Description))
	refuse(info.Author.Name == "", "info.author.name is empty")
	refuse(len(info.Keywords) == 0, "info.keywords: none, by which the plugin would be found")
	refuse(len(info.Keywords) != len(slices.Compact(slices.Sorted(slices.Values(info.Keywords)))), "info.keywords: one is there twice")
	refuse(len(info.Links) == 0, "info.links: none")
	for _, link := range info.Links {
		to, err := url.Parse(link.URL)
		refuse(link.Name == "" || err != nil || to.Scheme != "https" || to.Host == "", "info.links: %q to %q: want a name and an https URL", link.Name, link.URL)
	}
	refuse(info.Version != p.release.Version, "info.version %q: the release is %q", info.Version, p.release.Version)
	refuse(!versionForm.MatchString(info.Version), "info.version %q: want a semantic version such as 1.2.3", info.Version)
	_, err := time.Parse(time.DateOnly, info.Updated)
	refuse(err != nil, "info.updated %q: want a date such as 2006-01-02", info.Updated)
}
