//go:build mage

// Targets that build the data source's backend beside its front end, which
// "npm run build" makes: "mage build:linux" and its like compile ./pkg into
// dist. Run them in this folder.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	// mage:import
	"github.com/grafana/grafana-plugin-sdk-go/build"
	"github.com/grafana/grafana-plugin-sdk-go/build/buildinfo"
	"github.com/magefile/mage/mg"
)

// Default builds the backend for this machine.
var Default = Backend

// Backend builds the backend for this machine.
func Backend() {
	mg.Deps(build.Build{}.Backend)
}

func init() {
	// It returns no error but for symmetry with what the callback does.
	_ = build.SetBeforeBuildCallback(reproducibly)
}

// reproducibly has equal sources give equal executables: no paths of this machine in them, and the time of the sources
// for that of the build. The SDK says the time of day, and the version of package.json.
func reproducibly(config build.Config) (build.Config, error) {
	if config.Env == nil { // for the manifest alone
		return config, nil
	}
	config.Env["GOFLAGS"] = strings.TrimSpace(os.Getenv("GOFLAGS") + " -trimpath")
	version := os.Getenv("VERSION")
	if version == "" {
		return config, nil
	}
	text, err := os.ReadFile("src/plugin.json")
	if err != nil {
		return config, err
	}
	var plugin struct{ ID string }
	if err := json.Unmarshal(text, &plugin); err != nil {
		return config, fmt.Errorf("src/plugin.json: %w", err)
	}
	info := buildinfo.Info{PluginID: plugin.ID, Version: version}
	if epoch := os.Getenv("SOURCE_DATE_EPOCH"); epoch != "" {
		seconds, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil {
			return config, fmt.Errorf("SOURCE_DATE_EPOCH: want seconds since 1970: %w", err)
		}
		info.Time = seconds * 1000
	}
	config.CustomVars = map[string]string{}
	info.AppendFlags(config.CustomVars)
	return config, nil
}
