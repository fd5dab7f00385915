//go:build mage

// Targets that build the data source's backend beside its front end, which
// "npm run build" makes: "mage build:linux" and its like compile ./pkg into
// dist. Run them in this folder.
package main

import (
	// mage:import
	"github.com/grafana/grafana-plugin-sdk-go/build"
	"github.com/magefile/mage/mg"
)

// Default builds the backend for this machine.
var Default = Backend

// Backend builds the backend for this machine.
func Backend() {
	mg.Deps(build.Build{}.Backend)
}
