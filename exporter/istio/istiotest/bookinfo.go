package istiotest

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The ztunnels that report Bookinfo's connections.
const (
	SourceZtunnel      = "10.0.1.1:15020"
	DestinationZtunnel = "10.0.2.1:15020"
)

// Bookinfo are the connections of Istio 1.24's Bookinfo in ambient mode, as
// ztunnel has exposed them: the callers' node reports as the source, the
// others' as the destination.
func Bookinfo(t testing.TB) (all []Series) {
	t.Helper()
	exposition, err := os.ReadFile(Case(t, "ztunnel-1.24-bookinfo.om"))
	require.NoError(t, err)
	for line := range strings.Lines(string(exposition)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		total, err := strconv.ParseFloat(line[at+1:], 64)
		require.NoError(t, err)
		target := DestinationZtunnel
		if strings.Contains(line, `reporter="source"`) {
			target = SourceZtunnel
		}
		all = append(all, Series{Target: target, Text: line[:at], Total: total})
	}
	require.Len(t, all, 14, "seven connections, reported by both sides")
	return all
}

// BookinfoConnections are the connections that were opened in Bookinfo, by
// source and destination workload.
var BookinfoConnections = map[[2]string]float64{
	{"traffic-gen", "productpage-v1"}: 831,
	{"productpage-v1", "details-v1"}:  831,
	{"productpage-v1", "reviews-v1"}:  270,
	{"productpage-v1", "reviews-v2"}:  294,
	{"productpage-v1", "reviews-v3"}:  267,
	{"reviews-v2", "ratings-v1"}:      52,
	{"reviews-v3", "ratings-v1"}:      55,
}
