package query

// ColorBy is what a node's colour tells.
type ColorBy string

// The colourings.
const (
	ByOutcome    ColorBy = "outcome" // a ring of arcs: how the node's calls ended
	ByHealth     ColorBy = "health"
	ByErrorRatio ColorBy = "errorRatio"
	ByLatency    ColorBy = "latency"
	ByMTLS       ColorBy = "mtls"
	ByNamespace  ColorBy = "namespace"
	ByChange     ColorBy = "change" // since compareOffset before
)

// ColorBys are all colourings.
var ColorBys = []ColorBy{ByOutcome, ByHealth, ByErrorRatio, ByLatency, ByMTLS, ByNamespace, ByChange}
