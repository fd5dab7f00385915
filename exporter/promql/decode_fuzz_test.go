package promql

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/promql/internal/jsonscan"
)

// FuzzDecode compares decode with a reading of the same document by
// encoding/json, without streaming and without haste.
func FuzzDecode(f *testing.F) {
	for _, file := range []string{"query.json", "query_range.json"} {
		doc, err := os.ReadFile("testdata/" + file)
		require.NoError(f, err)
		f.Add(doc)
	}
	f.Add(benchVector(1))
	for _, doc := range []string{
		`{"status":"success","data":{"resultType":"scalar","result":[1435781430.781,"NaN"]}}`,
		`{"data":{"result":[{"value":[1,"2"],"metric":{"a":"\ud800\ud83d\ude00","a":"\u00e9"}}],"resultType":"vector"},"status":"success"}`,
		`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"+Inf"],[-1.5e3,"0x1p-2"]],"histograms":[[1,{}]]}]},"infos":["a"]}`,
		`{"status":"error","errorType":"timeout","error":"too slow","data":null}`,
		vector(``), `[]`, ``, `<html>`,
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var got []plainSeries
		answer, said, err := decode(bytes.NewReader(doc), collect(&got))
		if err != nil {
			checkError(t, err, len(doc))
		}
		want, accepted := plainDecode(doc)
		if err != nil {
			require.False(t, accepted && !beyondReference(err), "refused: %v", err)
			return
		}
		require.Equal(t, len(got), answer.Series)
		require.Equal(t, accepted, said.status == "success")
		if accepted {
			require.Empty(t, cmp.Diff(want, got, cmpopts.EquateNaNs(), cmpopts.EquateEmpty(),
				cmpopts.SortSlices(func(a, b [2]string) bool { return a[0] < b[0] })))
		}
	})
}

func checkError(t *testing.T, err error, size int) {
	t.Helper()
	var foreign *foreignError
	if errors.As(err, &foreign) {
		return
	}
	var syntax *jsonscan.SyntaxError
	require.ErrorAs(t, err, &syntax)
	require.GreaterOrEqual(t, syntax.Offset, int64(0))
	require.LessOrEqual(t, syntax.Offset, int64(size))
}

// beyondReference tells whether an error is of a kind that plainDecode cannot
// see, since it only has the last of keys that come twice, and has no limits.
func beyondReference(err error) bool {
	for _, text := range []string{"a second data", "a second result", "nested deeper", "more than 10"} {
		if strings.Contains(err.Error(), text) {
			return true
		}
	}
	return false
}

// plainDecode reads an answer of success into memory, and reports false for all
// other documents.
func plainDecode(doc []byte) (list []plainSeries, ok bool) {
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	var root any
	if dec.Decode(&root) != nil {
		return nil, false
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, false
	}
	top, _ := root.(map[string]any)
	data, _ := top["data"].(map[string]any)
	if top["status"] != "success" || data == nil {
		return nil, false
	}
	result, isList := data["result"].([]any)
	if value, has := data["result"]; !isList && (!has || value != nil) {
		return nil, false
	}
	key, histogram := "value", "histogram"
	switch data["resultType"] {
	case "scalar":
		p, ok := plainPoint(result)
		return []plainSeries{{Points: []Point{p}}}, ok
	case "matrix":
		key, histogram = "values", "histograms"
	case "vector":
	default:
		return nil, false
	}
	for _, element := range result {
		fields, _ := element.(map[string]any)
		s, ok := plainOne(fields, key)
		if !ok {
			return nil, false
		}
		_, hasHistogram := fields[histogram]
		_, hasFloats := fields[key]
		if !hasHistogram && !hasFloats {
			return nil, false
		}
		if hasFloats {
			list = append(list, s)
		}
	}
	return list, true
}

func plainOne(fields map[string]any, key string) (s plainSeries, ok bool) {
	if metric, has := fields["metric"]; has {
		labels, isObject := metric.(map[string]any)
		if !isObject {
			return s, false
		}
		for name, value := range labels {
			text, isText := value.(string)
			if !isText {
				return s, false
			}
			s.Labels = append(s.Labels, [2]string{name, text})
		}
	}
	value, has := fields[key]
	points, isList := value.([]any)
	if has && !isList {
		return s, false
	}
	if key == "value" && has {
		points = []any{points}
	}
	for _, pair := range points {
		list, _ := pair.([]any)
		p, ok := plainPoint(list)
		if !ok {
			return s, false
		}
		s.Points = append(s.Points, p)
	}
	return s, true
}

func plainPoint(pair []any) (p Point, ok bool) {
	if len(pair) != 2 {
		return p, false
	}
	number, isNumber := pair[0].(json.Number)
	text, isText := pair[1].(string)
	seconds, err := number.Float64()
	if !isNumber || !isText || err != nil {
		return p, false
	}
	ms := math.Round(seconds * 1000)
	if ms < math.MinInt64 || ms >= math.MaxInt64 {
		return p, false
	}
	value, err := strconv.ParseFloat(text, 64)
	return Point{Time: int64(ms), Value: value}, err == nil
}
