package pluginhost

import (
	"errors"
	"net/http"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

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
	return backend.DataResponse{Error: err, Status: statusOf(err), ErrorSource: sourceOf(err)}
}

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
