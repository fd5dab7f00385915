package pluginhost

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/meshscope/meshscope/exporter/promql"
)

// unhealthyText begins with what is wrong, has what happened, and ends with
// what to look at.
func unhealthyText(err error) string {
	what, lookAt := complaint(err)
	return what + ": " + strings.TrimRight(err.Error(), ". ") + ". " + lookAt
}

func complaint(err error) (what, lookAt string) {
	var failed promql.Error
	if e, ok := errors.AsType[*promql.Error](err); ok {
		failed = *e
	}
	switch failed.Kind {
	case promql.Unavailable:
		return unavailable(failed)
	case promql.Timeout:
		return "The store does not answer in time", "Check the URL and the network between Grafana and the store, or set a longer timeout."
	case promql.Unauthorized:
		if failed.Status == http.StatusForbidden {
			return "The store does not permit this", "Check what this user, token or tenant may read."
		}
		return "The store refuses the credentials", "Check user and password, the token, or the custom headers."
	case promql.NotPrometheus, promql.Unsupported, promql.Malformed:
		if strings.Contains(failed.Message, "HTTP request to an HTTPS server") { // Go's servers say so
			return "The store speaks TLS alone", "Let the URL begin with https://."
		}
		return "What answers is not a Prometheus-compatible API", "Check the URL: it ends before /api/v1, such as http://prometheus:9090 or http://mimir:8080/prometheus."
	default:
		return "The store cannot be asked", "Its log says more."
	}
}

func unavailable(failed promql.Error) (what, lookAt string) {
	_, isRecord := errors.AsType[tls.RecordHeaderError](failed.Err)
	_, isAlert := errors.AsType[tls.AlertError](failed.Err)
	_, isVerification := errors.AsType[*tls.CertificateVerificationError](failed.Err)
	_, isUnknownAuthority := errors.AsType[x509.UnknownAuthorityError](failed.Err)
	_, isDNS := errors.AsType[*net.DNSError](failed.Err)
	switch {
	case errors.Is(failed.Err, http.ErrSchemeMismatch) || isRecord:
		return "The store does not speak TLS", "Let the URL begin with http://."
	case isAlert || isVerification || isUnknownAuthority || remoteAlert(failed.Err):
		return "TLS with the store fails", "Check the CA certificate, the server name, and the client certificate if the store wants one."
	case isDNS:
		return "The store's host is not known", "Check the URL, and that Grafana can resolve this name."
	case failed.Status != 0:
		return "The store is not able to answer", "It or a proxy before it is down or overloaded: its log says more."
	default:
		return "The store cannot be reached", "Check the URL, and that Grafana can connect to it."
	}
}

// remoteAlert tells that the other end refused the handshake.
func remoteAlert(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "remote error"
}
