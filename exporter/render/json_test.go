package render_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/render"
	"github.com/meshscope/meshscope/exporter/topology"
)

const schemaFile = "../../docs/graph.schema.json"

func graphSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	schema, err := c.Compile(schemaFile)
	require.NoError(t, err)
	return schema
}

func jsonOf(t require.TestingT, g *topology.Graph) []byte {
	var b bytes.Buffer
	require.NoError(t, render.JSON(&b, g))
	return b.Bytes()
}

func requireValid(t require.TestingT, schema *jsonschema.Schema, text []byte) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err, "%s", text)
	require.NoError(t, schema.Validate(document), "%s", text)
}

func TestJSONIsValid(t *testing.T) {
	schema := graphSchema(t)
	for _, level := range topology.Levels {
		t.Run(string(level), func(t *testing.T) { requireValid(t, schema, jsonOf(t, bookinfo(level))) })
	}
	t.Run("an empty graph", func(t *testing.T) {
		requireValid(t, schema, jsonOf(t, topology.Build(fiveMinutes, nil, topology.BuildOptions{})))
	})
	t.Run("judged", func(t *testing.T) {
		for _, level := range topology.Levels {
			requireValid(t, schema, jsonOf(t, judged(level)))
		}
	})
	t.Run("hostile names", func(t *testing.T) { requireValid(t, schema, jsonOf(t, hostileMesh())) })
	t.Run("any names", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) { requireValid(t, schema, jsonOf(t, hostileGraphs().Draw(t, "graph"))) })
	})
}

func TestSchemaRefuses(t *testing.T) {
	schema := graphSchema(t)
	valid := string(jsonOf(t, judged(topology.ByWorkload)))
	for _, tc := range []struct{ name, from, to string }{
		{"another version", `"schemaVersion":1`, `"schemaVersion":2`},
		{"an unknown field", `"windowSeconds"`, `"window":1,"windowSeconds"`},
		{"an unknown field of an edge", `"protocol":"grpc"`, `"protocol":"grpc","rate":1`},
		{"an unknown field of a node's traffic", `"in":{"http":{`, `"in":{"http":{"rate":1,`},
		{"null", `"requestRate":10.14`, `"requestRate":null`},
		{"a ratio above 1", `"errorRatio":0.3083`, `"errorRatio":30.83`},
		{"a time that is none", `2026-09-01T12:00:00Z`, `yesterday`},
		{"an id of other letters", `"service/~/~/api.example.com"`, `"service/api.example.com?"`},
		{"a health of another name", `"health":"Failure"`, `"health":"failing"`},
		{"a health without data", `"health":"Failure"`, `"health":"NA"`},
		{"a cause without a tolerance", `"tolerance":"5XX",`, ``},
		{"a flag that is false", `"circuitBreaker":true`, `"circuitBreaker":false`},
		{"a label that is no text", `"app":"reviews"`, `"app":1`},
		{"fewer than no pods", `"available":0`, `"available":-1`},
		{"a data plane of another name", `"dataplane":"sidecar"`, `"dataplane":"envoy"`},
		{"an empty name", `"name":"details-v1"`, `"name":""`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			broken := strings.Replace(valid, tc.from, tc.to, 1)
			require.NotEqual(t, valid, broken)
			document, err := jsonschema.UnmarshalJSON(strings.NewReader(broken))
			require.NoError(t, err)
			require.Error(t, schema.Validate(document))
		})
	}
}

// The fields of the schema are those of the documentation.
func TestSchemaIsDocumented(t *testing.T) {
	docs, err := os.ReadFile("../../docs/graph-api.md")
	require.NoError(t, err)
	text, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	var schema any
	require.NoError(t, json.Unmarshal(text, &schema))
	var visit func(any)
	visit = func(v any) {
		object, _ := v.(map[string]any)
		if properties, ok := object["properties"].(map[string]any); ok {
			for name := range properties {
				require.Contains(t, string(docs), "`"+name+"`")
			}
		}
		for _, inner := range object {
			visit(inner)
		}
	}
	visit(schema)
}

// T5: a rate of 0.0003 a second is traffic, and so is a smaller one.
func TestT5RatesAreNotRoundedToZero(t *testing.T) {
	for calls, want := range map[float64]string{
		0.09:    `"requestRate":0.0003,`,
		3e-7:    `"requestRate":1e-09,`,
		1:       `"requestRate":0.00333333,`,
		1e9:     `"requestRate":3333330,`,
		1234567: `"requestRate":4115.22,`,
		0:       `"requestRate":0,"mutualTLSShare"`,
	} {
		tr := new(topology.Traffic)
		tr.AddRequests(topology.Response{Code: "200"}, calls)
		tr.AddSecured(topology.MutualTLS, 1)
		g := topology.Build(fiveMinutes, []topology.Flow{{Protocol: topology.HTTP, Traffic: tr}}, topology.BuildOptions{Idle: true})
		require.Contains(t, string(jsonOf(t, g)), want)
	}
}

// Absent rather than NaN: no requests, no ratio; no observations, no latency;
// no time, no rate.
func TestJSONLeavesOutWhatIsNotKnown(t *testing.T) {
	tr := &topology.Traffic{Latency: &topology.Histogram{}}
	tr.AddRequests(topology.Response{Code: "200"}, 1)
	g := topology.Build(topology.Interval{}, []topology.Flow{{Protocol: topology.HTTP, Traffic: tr}}, topology.BuildOptions{Idle: true})
	text := string(jsonOf(t, g))
	require.NotContains(t, text, "Rate")
	require.NotContains(t, text, "latency")
	require.NotContains(t, text, "mutualTLSShare")
	require.NotContains(t, text, "NaN")
	require.Contains(t, text, `"errorRatio":0`)
	require.Contains(t, text, `"time":"0001-01-01T00:00:00Z"`)
}

// T4: equal data give equal bytes, in every form.
func TestT4EqualDataGiveEqualBytes(t *testing.T) {
	flows := bookinfoFlows()
	rapid.Check(t, func(t *rapid.T) {
		shuffled := rapid.Permutation(flows).Draw(t, "flows")
		level := rapid.SampledFrom(topology.Levels).Draw(t, "level")
		width := rapid.SampledFrom([]int{0, 80}).Draw(t, "width")
		want, got := topology.Build(fiveMinutes, flows, topology.BuildOptions{Level: level}), topology.Build(fiveMinutes, shuffled, topology.BuildOptions{Level: level})
		if rapid.Bool().Draw(t, "judged") {
			want, got = judge(want), judge(got)
		}
		for _, f := range render.Formats {
			require.Equal(t, written(t, f, want, width), written(t, f, got, width))
		}
	})
}

// A writer that fails is reported by every form.
func TestWriteErrors(t *testing.T) {
	for _, f := range render.Formats {
		for limit := range 3 {
			t.Run(fmt.Sprintf("%s after %d bytes", f.Name, 500*limit), func(t *testing.T) {
				require.ErrorIs(t, f.Write(&failingWriter{left: 500 * limit}, hostileMesh(), 0), errFull)
			})
		}
	}
}

var errFull = errors.New("full")

type failingWriter struct{ left int }

func (w *failingWriter) Write(p []byte) (int, error) {
	n := min(len(p), w.left)
	w.left -= n
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

// BenchmarkFormats writes a graph of 3,000 edges.
func BenchmarkFormats(b *testing.B) {
	var flows []topology.Flow
	for i := range 3000 {
		for _, f := range bookinfoFlows()[:1] {
			f.Key.Source.Workload = fmt.Sprintf("caller-%d", i/10)
			f.Key.Destination.Workload = fmt.Sprintf("callee-%d", i%10)
			flows = append(flows, f)
		}
	}
	g := topology.Build(topology.Interval{End: time.Unix(0, 0), Length: time.Minute}, flows, topology.BuildOptions{})
	for _, f := range render.Formats {
		b.Run(f.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := f.Write(io.Discard, g, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
