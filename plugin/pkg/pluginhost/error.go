package pluginhost

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"

	"github.com/meshscope/meshscope/exporter/promql"
)

// errInternal is what is told of a fault of this program.
var errInternal = backend.PluginError(errors.New("internal error of the Meshscope data source: see Grafana's log"))

// invalidError is a query or a setting that cannot be served as it is. To
// Grafana that is downstream: it is no fault of the plugin's.
type invalidError struct{ error }

func (e invalidError) Unwrap() error { return e.error }

func invalid(err error) error { return backend.DownstreamError(invalidError{err}) }

// failed is the answer to a query that ended in err.
func failed(err error) backend.DataResponse {
	return backend.DataResponse{Error: advised(err), Status: statusOf(err), ErrorSource: sourceOf(err)}
}

// advised says what to do about an error where the error cannot know it.
func advised(err error) error {
	const less = "choose a shorter time range, or ask for less: quantiles are most of all that is read"
	refused, ok := errors.AsType[*promql.Error](err)
	switch {
	case isGrafanasLimit(err):
		return fmt.Errorf("%w (Grafana's limit of a response): %s", err, less)
	case ok && isOfAccess(refused.Kind):
		return accessError{err}
	case !ok || refused.Kind != promql.TooLarge:
		return err
	case refused.Err != nil: // it was the client that stopped reading
		return fmt.Errorf("%w, which is the limit of this data source (setting maxResponseMegabytes): %s", err, less)
	default:
		return fmt.Errorf("%w: %s", err, less)
	}
}

// isOfAccess tells that no query would do better: it is the settings or the
// store that somebody must look at.
func isOfAccess(kind promql.Kind) bool {
	switch kind {
	case promql.Unavailable, promql.Unauthorized, promql.NotPrometheus, promql.Unsupported:
		return true
	}
	return false
}

// accessError says of a query's error what the health check would say.
type accessError struct{ error }

func (e accessError) Error() string { return unhealthyText(e.error) }

func (e accessError) Unwrap() error { return e.error }

// isGrafanasLimit tells that an answer was above what Grafana lets data
// sources read.
func isGrafanasLimit(err error) bool { return errors.Is(err, httpclient.ErrResponseBodyTooLarge) }

// sourceOf tells whose fault an error is. The store's are downstream, and
// those that say what they are; what is left is the plugin's.
func sourceOf(err error) backend.ErrorSource {
	switch {
	case backend.IsPluginError(err):
		return backend.ErrorSourcePlugin
	case promql.KindOf(err) == promql.BadQuery:
		return backend.ErrorSourcePlugin // this program wrote it
	case promql.KindOf(err) != 0, backend.IsDownstreamError(err):
		return backend.ErrorSourceDownstream
	}
	return backend.ErrorSourcePlugin
}

// statusClientClosed is what proxies say of a request that nobody waits for.
const statusClientClosed backend.Status = 499

func statusOf(err error) backend.Status {
	if _, ok := errors.AsType[invalidError](err); ok {
		return backend.StatusBadRequest
	}
	if isGrafanasLimit(err) {
		return http.StatusUnprocessableEntity
	}
	switch promql.KindOf(err) {
	case promql.Unavailable, promql.NotPrometheus, promql.Unsupported, promql.Truncated, promql.Malformed:
		return backend.StatusBadGateway
	case promql.Timeout:
		return backend.StatusTimeout
	case promql.Canceled:
		return statusClientClosed
	case promql.Unauthorized:
		return backend.StatusUnauthorized
	case promql.TooLarge:
		return http.StatusUnprocessableEntity
	}
	return backend.StatusInternal
}

// outcome is an error as logs name it.
func outcome(err error) string {
	if _, ok := errors.AsType[invalidError](err); ok {
		return "invalid"
	}
	return promql.Outcome(err)
}
