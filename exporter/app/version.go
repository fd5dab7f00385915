package app

import (
	"cmp"
	"fmt"

	"github.com/prometheus/common/version"
)

// shownVersion is the version for people.
func shownVersion() string {
	return fmt.Sprintf("%s (revision %s)", buildVersion(), version.GetRevision())
}

// userAgent is how the exporter introduces itself to the store.
func userAgent() string { return "meshscope/" + buildVersion() }

// buildVersion is the version that was set when the program was built.
func buildVersion() string { return cmp.Or(version.Version, "unknown") }
