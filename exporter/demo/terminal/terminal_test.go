package terminal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	promlabels "github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/demo/store"
)

var start = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// derived returns a store with two minutes of an exporter's series, whose
// counters grow by the numbers given each 15 seconds.
func derived(t *testing.T, growth map[string]float64) (*store.Store, time.Time) {
	t.Helper()
	s, err := store.Open(store.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	exporter := promlabels.FromStrings("job", "meshscope", "instance", "127.0.0.1:9877")
	at := start
	for i := range 9 {
		var page strings.Builder
		for series, by := range growth {
			fmt.Fprintf(&page, "%s %g\n", series, by*float64(i))
		}
		at = start.Add(time.Duration(15*i) * time.Second)
		require.NoError(t, s.Append(at, exporter, []byte(page.String())))
	}
	return s, at
}

const (
	web = `source_workload_namespace="shop",source_workload="web",destination_workload_namespace="shop",destination_workload="api",` +
		`destination_service_namespace="shop",destination_service_name="api",request_protocol="http"`
	database = `source_workload_namespace="shop",source_workload="api",destination_workload_namespace="shop",destination_workload="db",` +
		`destination_service_namespace="shop",destination_service_name="db"`
	nobody = `source_workload_namespace="unknown",source_workload="unknown",destination_workload_namespace="unknown",destination_workload="unknown",` +
		`destination_service_namespace="shop",destination_service_name="web",request_protocol="grpc"`
)

func TestEdges(t *testing.T) {
	s, at := derived(t, map[string]float64{
		`meshscope_edge_requests_total{` + web + `,response_code="200",response_flags="-"}`:                               147,
		`meshscope_edge_requests_total{` + web + `,response_code="500",response_flags="-"}`:                               3,
		`meshscope_edge_request_duration_seconds_bucket{` + web + `,le="0.1"}`:                                            150,
		`meshscope_edge_request_duration_seconds_bucket{` + web + `,le="+Inf"}`:                                           150,
		`meshscope_edge_secured_total{` + web + `,connection_security_policy="mutual_tls"}`:                               75,
		`meshscope_edge_secured_total{` + web + `,connection_security_policy="none"}`:                                     75,
		`meshscope_edge_secured_total{` + web + `,connection_security_policy="unknown"}`:                                  75,
		`meshscope_edge_tcp_request_bytes_total{` + database + `,response_flags="-"}`:                                     15000,
		`meshscope_edge_tcp_response_bytes_total{` + database + `,response_flags="-"}`:                                    30000,
		`meshscope_edge_requests_total{` + nobody + `,response_code="200",grpc_response_status="14",response_flags="UH"}`: 15,
		`meshscope_edge_requests_total{` + strings.ReplaceAll(web, `"api"`, `"idle"`) + `,response_code="200"}`:           0,
	})
	edges, err := Edges(t.Context(), s, at)
	require.NoError(t, err)
	require.Len(t, edges, 3)
	nan := math.NaN()
	for i, want := range []Edge{
		{"unknown", "shop/web (service)", "grpc", 1, 1, nan, nan},
		{"shop/web", "shop/api", "http", 10, 0.02, 0.095, 0.5},
		{"shop/api", "shop/db", "tcp", 3000, nan, nan, nan},
	} {
		// Text compares NaN as equal.
		require.Equal(t, fmt.Sprintf("%.4v", want), fmt.Sprintf("%.4v", edges[i]))
	}
}

type broken struct{}

func (broken) Instant(context.Context, string, time.Time) (promql.Vector, error) {
	return nil, errors.New("no")
}

func TestEdgesOfABrokenSource(t *testing.T) {
	_, err := Edges(t.Context(), broken{}, start)
	require.EqualError(t, err, "reading the edges: no")
}

func TestTable(t *testing.T) {
	nan := math.NaN()
	edges := []Edge{
		{"unknown", "shop/web (service)", "grpc", 0.0003, 1, nan, nan},
		{"shop/web", "shop/a-workload-with-a-long-name", "http", 1234, 0.025, 0.0421, 0.5},
		{"shop/api", "shop/db", "tcp", 4.2e6, nan, nan, 1},
	}
	for _, tc := range []struct {
		name          string
		edges         []Edge
		width, height int
		want          string
	}{
		{"all of it", edges, 120, 10, `
SOURCE                            DESTINATION                       PROTO        RATE   ERRORS       P95     MTLS
unknown                           shop/web (service)                grpc     0.0003/s    100 %         -        -
shop/web                          shop/a-workload-with-a-long-name  http       1234/s    2.5 %   42.1 ms   50.0 %
shop/api                          shop/db                           tcp      4.2 MB/s        -         -    100 %
`},
		{"narrow and low", edges, 80, 3, `
SOURCE           DESTINATION      PROTO        RATE   ERRORS       P95     MTLS
unknown          shop/web (serv…  grpc     0.0003/s    100 %         -        -
… and 2 more
`},
		{"nothing yet", nil, 80, 10, `
SOURCE       DESTINATION  PROTO        RATE   ERRORS       P95     MTLS
waiting for the first refresh
`},
		{"no room", edges, 20, 1, `
SOURCE        DESTI…
`},
		{"none at all", edges, 80, 0, "\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out bytes.Buffer
			require.NoError(t, Table(&out, tc.edges, tc.width, tc.height, false))
			require.Equal(t, strings.TrimPrefix(tc.want, "\n"), out.String())
		})
	}
}

// TestTableFits in any terminal, with colours not counted.
func TestTableFits(t *testing.T) {
	var edges []Edge
	for i := range 60 {
		edges = append(edges, Edge{Source: fmt.Sprintf("namespace/söurce-%d", i), Destination: "namespace/destination", Protocol: "http", Rate: 1, ErrorRatio: float64(i) / 60})
	}
	for width := 1; width < 140; width += 3 {
		for height := 1; height < 70; height += 4 {
			var out bytes.Buffer
			require.NoError(t, Table(&out, edges, width, height, false))
			lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
			require.LessOrEqual(t, len(lines), height)
			for _, line := range lines {
				require.LessOrEqual(t, utf8.RuneCountInString(line), width)
			}
		}
	}
	var out bytes.Buffer
	require.NoError(t, Table(&out, edges[59:], 100, 5, true))
	require.Contains(t, out.String(), "\x1b[31m")
}

func TestScreen(t *testing.T) {
	s, err := store.Open(store.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	log := &Tail{}
	fmt.Fprintln(log, "first")
	fmt.Fprintln(log, "second")
	var out bytes.Buffer
	screen := &Screen{Source: s, Title: "A title", Log: log}
	require.NoError(t, screen.draw(t.Context(), &out, 60, 12, false))
	require.Equal(t, "\x1b[H\x1b[2JA title\n\n"+
		"SOURCE       DESTINATION  PROTO        RATE   ERRORS       …\n"+
		"waiting for the first refresh\n\nfirst\nsecond\n", out.String())
}

func TestTail(t *testing.T) {
	log := &Tail{}
	require.Empty(t, log.Last(3))
	for i := range 250 {
		fmt.Fprintf(log, "line %d\n", i)
	}
	require.Equal(t, []string{"line 248", "line 249"}, log.Last(2))
	require.Len(t, log.Last(1000), kept)
	require.Empty(t, log.Last(-1))
}

func TestOnce(t *testing.T) {
	s, err := store.Open(store.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	exporter := promlabels.FromStrings("job", "meshscope", "instance", "127.0.0.1:9877")
	now := time.Now()
	for i := range 3 {
		page := fmt.Sprintf("meshscope_edge_requests_total{%s} %d\n", web, 150*i)
		require.NoError(t, s.Append(now.Add(time.Duration(15*(i-2))*time.Second), exporter, []byte(page)))
	}
	var out bytes.Buffer
	require.NoError(t, (&Screen{Source: s, Every: 10 * time.Millisecond, Settle: 50 * time.Millisecond}).Once(t.Context(), &out))
	require.True(t, strings.HasPrefix(out.String(), Waiting+"\nSOURCE"), out.String())
	require.Regexp(t, `shop/web +shop/api +http`, out.String())
}

func TestOnceEndsWithItsContext(t *testing.T) {
	s, err := store.Open(store.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var out bytes.Buffer
	require.NoError(t, (&Screen{Source: s, Every: 10 * time.Millisecond}).Once(ctx, &out))
	require.Equal(t, Waiting+"\n", out.String())
}
