package promql

import (
	"net/http"
	"strings"
)

// kindOf sorts a refusal by its status and by what the API says.
func kindOf(status int, errorType, message string) Kind {
	switch {
	case containsAny(message, limitTexts):
		return TooLarge
	case errorType == "timeout":
		return Timeout
	case errorType == "canceled": // not by us, or there would be no answer
		return Unavailable
	case errorType == "unavailable":
		return Unavailable
	case errorType == "bad_data":
		return BadQuery
	}
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		return Unauthorized
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return Timeout
	case http.StatusRequestEntityTooLarge:
		return TooLarge
	case http.StatusUnprocessableEntity:
		// Limits come with this status in each store, and in words that change. The
		// other reasons for it are few.
		if containsAny(message, evaluationTexts) {
			return BadQuery
		}
		return TooLarge
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented, http.StatusRequestURITooLong:
		return Unsupported
	case http.StatusTooManyRequests:
		return Unavailable
	}
	switch {
	case status >= 500:
		return Unavailable
	case status >= 400:
		return BadQuery
	case status == http.StatusOK && errorType == "execution":
		return BadQuery
	case status == http.StatusOK:
		return Unavailable // an error behind data that had begun
	}
	return NotPrometheus
}

// limitTexts are how stores say that a query is above a limit, whatever the status.
var limitTexts = []string{
	"query processing would load too many samples", // Prometheus, Thanos
	"-search.max",            // VictoriaMetrics
	"err-mimir-max-",         // Mimir
	"exceeded series limit",  // Thanos
	"exceeded chunks limit",  // Thanos
	"exceeded samples limit", // Thanos
}

// evaluationTexts are the reasons for status 422 that are in the query or its
// data, so that asking for less would not help.
var evaluationTexts = []string{
	"many-to-many matching",
	"found duplicate series for the match group",
	"multiple matches for labels",
	"same labelset",
	"parse error",
	"cannot parse",
	"unable to parse",
	"unknown function",
	"unsupported function",
}

func containsAny(text string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}
