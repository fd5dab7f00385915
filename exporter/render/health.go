package render

import (
	"strconv"

	"github.com/meshscope/meshscope/exporter/topology"
)

// isJudged tells that somebody has judged the nodes or edges of g. What
// nobody has judged is written as if there were no verdicts at all.
func isJudged(g *topology.Graph) bool {
	for _, n := range g.Nodes {
		if n.Verdict != nil {
			return true
		}
	}
	for _, e := range g.Edges {
		if e.Verdict != nil {
			return true
		}
	}
	return false
}

// healthText is a verdict in a word, none where there are no data.
func healthText(v *topology.Verdict) string {
	if v == nil || v.Health == topology.HealthNA {
		return none
	}
	return v.Health.String()
}

// causeText is why a verdict is not a good one, "12.3 % 5XX (in http)"; empty
// where that is not known.
func causeText(v *topology.Verdict, o *topology.Object) string {
	if v == nil || v.Health <= topology.HealthHealthy {
		return ""
	}
	if r, ok := v.Cause(); ok {
		return percent(r.Ratio()) + " % " + printable(r.What()) + " (" + string(r.Direction) + " " + printable(string(r.Protocol)) + ")"
	}
	if v.By != (topology.Ref{}) {
		return "by " + string(v.By.Kind) + " " + printable(v.By.Name)
	}
	if pods, ok := o.Pods(); ok && (pods.Desired == 0 || pods.Available < pods.Desired) {
		return strconv.Itoa(pods.Available) + " of " + strconv.Itoa(pods.Desired) + " pods available"
	}
	if v.Replicas == v.Health {
		return "by its pods"
	}
	return ""
}

// troubleText is what is wrong with a node, "Failure: 12.3 % 5XX (in http)";
// empty where nothing is.
func troubleText(n *topology.Node) string {
	if n.Verdict == nil || n.Verdict.Health <= topology.HealthHealthy {
		return ""
	}
	text := n.Verdict.Health.String()
	if cause := causeText(n.Verdict, n.Object); cause != "" {
		text += ": " + cause
	}
	return text
}
