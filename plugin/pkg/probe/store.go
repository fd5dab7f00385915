package probe

import (
	"context"
	"regexp"
	"strings"

	"github.com/meshscope/meshscope/exporter/promql"
)

// Builds is a store that may tell what it is. It is *promql.Client.
type Builds interface {
	BuildInfo(ctx context.Context) (promql.BuildInfo, error)
}

// StoreName is what a store says that it is, such as "Prometheus 3.5.0"; empty
// where it does not say. Many proxies let only queries through.
func StoreName(ctx context.Context, store Builds) string {
	info, err := store.BuildInfo(ctx)
	if err != nil {
		return ""
	}
	return nameOf(info)
}

// speakable are names and versions that may be shown: others' words.
var speakable = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._+-]{0,40}$`)

func nameOf(info promql.BuildInfo) string {
	name := "Prometheus"
	switch {
	case info.Application != "":
		name = info.Application
	case len(info.Features) > 0: // none of the others says so
		name = "Mimir"
	case info.Version == "":
		return ""
	case info.Revision == "" && info.GoVersion == "":
		// It gives the version of a Prometheus that it is like, and nothing else.
		return "VictoriaMetrics"
	case strings.HasPrefix(info.Version, "0."): // Prometheus had no such answer then
		name = "Thanos"
	}
	if !speakable.MatchString(name) {
		return ""
	}
	if speakable.MatchString(info.Version) {
		name += " " + info.Version
	}
	return name
}
