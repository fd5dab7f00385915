// Command pkg is the backend of Meshscope's Grafana data source. Grafana starts
// it and speaks to it over gRPC.
package main

import (
	"os"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/datasource"

	"github.com/meshscope/meshscope/plugin/pkg/pluginhost"
)

func main() {
	if err := datasource.Manage(pluginhost.PluginID, pluginhost.New, datasource.ManageOpts{}); err != nil {
		backend.Logger.Error("The data source has ended", "error", err)
		os.Exit(1)
	}
}
