package health

import (
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// noResponse is the code of a call that had none.
const noResponse = "-"

// codesOf are the codes that a call's end goes by: HTTP's of HTTP, and of gRPC
// the status. A gRPC call that ended with an HTTP error has both. Kiali's graph
// knows it by HTTP's alone, and its lists by the status; where there was none,
// it is what gRPC's clients take the HTTP error for.
func codesOf(r topology.Response, p topology.Protocol) []string {
	http := r.Outcome(topology.HTTP)
	switch {
	case http == topology.NoResponse:
		return []string{noResponse}
	case p != topology.GRPC:
		return []string{r.Code}
	case http == topology.ClientError || http == topology.ServerError:
		status := r.GRPCStatus
		if status == "" {
			status = statusOf(r.Code)
		}
		return []string{r.Code, status}
	case r.GRPCStatus != "":
		return []string{r.GRPCStatus}
	}
	return []string{r.Code}
}

// statusOf is the gRPC status that stands for an HTTP error
// (doc/http-grpc-status-mapping.md of gRPC).
func statusOf(code string) string {
	switch code {
	case "400":
		return "13" // internal
	case "401":
		return "16" // unauthenticated
	case "403":
		return "7" // permission denied
	case "404":
		return "12" // unimplemented
	case "429", "502", "503", "504":
		return "14" // unavailable
	}
	return "2" // unknown
}

// isCode tells that a pattern is like a code. A class of codes, such as 5xx,
// where telemetry collapses these, is meant by what means its first and its
// last.
func (p pattern) isCode(code string) bool {
	if p.is(code) {
		return true
	}
	if len(code) != 3 || strings.ToLower(code[1:]) != "xx" {
		return false
	}
	return p.is(code[:1]+"00") && p.is(code[:1]+"99")
}
