package web

import (
	"net/http"

	toolkit "github.com/prometheus/exporter-toolkit/web"
)

const configurationPage = "https://github.com/meshscope/meshscope/blob/main/docs/configuration.md"

// newLandingPage returns the page at /.
func newLandingPage(version string) (http.Handler, error) {
	links := []toolkit.LandingLinks{
		{Address: "/metrics", Text: "Metrics", Description: "topology and health as Prometheus series"},
	}
	for _, output := range Outputs {
		links = append(links, toolkit.LandingLinks{
			Address:     "/api/v1/graph?output=" + output,
			Text:        "Graph: " + output,
			Description: "the mesh of the last minutes",
		})
	}
	links = append(links,
		toolkit.LandingLinks{Address: "/-/healthy", Text: "Healthy", Description: "whether the process is alive"},
		toolkit.LandingLinks{Address: "/-/ready", Text: "Ready", Description: "whether it can serve"},
	)
	return toolkit.NewLandingPage(toolkit.LandingConfig{
		Name:        "Meshscope",
		Description: "Topology and health of an Istio mesh",
		HeaderColor: "#466bb0",
		Version:     version,
		Links:       links,
		ExtraHTML:   `<p>All keys of the configuration file: <a href="` + configurationPage + `">docs/configuration.md</a></p>`,
	})
}
