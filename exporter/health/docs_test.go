package health_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/health"
)

var documentedTolerance = regexp.MustCompile("(?m)^\\| `(.*)` \\| `(.*)` \\| `(.*)` \\| ([0-9.]+) \\| ([0-9.]+) \\|$")

// The table of tolerances in the documentation is that of the code.
func TestDocumentedTolerances(t *testing.T) {
	text, err := os.ReadFile("../../docs/health.md")
	require.NoError(t, err)
	var documented []health.Tolerance
	for _, m := range documentedTolerance.FindAllStringSubmatch(string(text), -1) {
		degraded, err := strconv.ParseFloat(m[4], 64)
		require.NoError(t, err)
		failure, err := strconv.ParseFloat(m[5], 64)
		require.NoError(t, err)
		bar := strings.NewReplacer(`\|`, "|").Replace
		documented = append(documented, health.Tolerance{
			Code: bar(m[1]), Protocol: bar(m[2]), Direction: bar(m[3]), Degraded: degraded, Failure: failure,
		})
	}
	require.Equal(t, health.DefaultRate().Tolerance, documented)
	require.Contains(t, string(text), "`health.min_requests` ("+strconv.Itoa(health.DefaultMinRequests)+")")
}
