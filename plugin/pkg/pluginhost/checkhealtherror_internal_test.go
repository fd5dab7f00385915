package pluginhost

import (
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/meshscope/meshscope/exporter/promql"
)

// TestComplaints: each thing that can be wrong is said in its own way.
func TestComplaints(t *testing.T) {
	texts := map[string]bool{}
	for _, e := range []promql.Error{
		{Kind: promql.Unavailable, Err: &net.DNSError{Name: "prometheus", IsNotFound: true}},
		{Kind: promql.Unavailable, Err: &net.OpError{Op: "dial"}},
		{Kind: promql.Unavailable, Err: &net.OpError{Op: "remote error"}},
		{Kind: promql.Unavailable, Err: http.ErrSchemeMismatch},
		{Kind: promql.Unavailable, Status: http.StatusBadGateway},
		{Kind: promql.Timeout},
		{Kind: promql.Unauthorized, Status: http.StatusUnauthorized},
		{Kind: promql.Unauthorized, Status: http.StatusForbidden},
		{Kind: promql.NotPrometheus},
		{Kind: promql.NotPrometheus, Message: "Client sent an HTTP request to an HTTPS server."},
		{Kind: promql.TooLarge},
	} {
		e.URL = "http://prometheus:9090/api/v1/query"
		text := unhealthyText(fmt.Errorf("looking: %w", &e))
		assert.Contains(t, text, e.URL)
		assert.Regexp(t, `^[A-Z].*: .*\. .*\.$`, text)
		what, lookAt := complaint(&e)
		texts[what+lookAt] = true
	}
	assert.Len(t, texts, 11)
}
