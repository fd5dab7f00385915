package dashboards_test

import (
	"testing"

	"github.com/meshscope/meshscope/mixin/jsonnettest"
)

func TestSourcesAreWellFormed(t *testing.T) { jsonnettest.WellFormed(t, ".") }

func TestFilesAreUpToDate(t *testing.T) {
	jsonnettest.UpToDate(t, ".", "*.json", jsonnettest.Files(t, "dashboards.libsonnet"), "make dashboards")
}
