package promql

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
)

// plainSeries is a copy of a series that lasts.
type plainSeries struct {
	Labels [][2]string
	Points []Point
}

func series(points []Point, labels ...string) plainSeries {
	s := plainSeries{Points: points}
	for i := 0; i < len(labels); i += 2 {
		s.Labels = append(s.Labels, [2]string{labels[i], labels[i+1]})
	}
	return s
}

func at(ms int64, value float64) []Point { return []Point{{ms, value}} }

// collect returns a function that copies what it is given to a list.
func collect(list *[]plainSeries) func(*Series) error {
	return func(s *Series) error {
		var copied plainSeries
		for name, value := range s.All() {
			copied.Labels = append(copied.Labels, [2]string{string(name), string(value)})
		}
		copied.Points = append(copied.Points, s.Points...)
		*list = append(*list, copied)
		return nil
	}
}

func vector(result string) string {
	return `{"status":"success","data":{"resultType":"vector","result":[` + result + `]}}`
}

func metric(labels string) string { return vector(`{"metric":{` + labels + `},"value":[1,"2"]}`) }

func TestDecode(t *testing.T) {
	for name, tc := range map[string]struct {
		doc    string
		want   []plainSeries
		answer Answer
	}{
		"empty vector": {doc: vector("")},
		"null result":  {doc: `{"status":"success","data":{"resultType":"matrix","result":null}}`},
		"vector": {
			doc: vector(`{"metric":{"__name__":"up","job":"a"},"value":[1435781430.781,"1"]},{"metric":{"job":"b"},"value":[1435781430,"-0.5"]}`),
			want: []plainSeries{
				series(at(1435781430781, 1), "__name__", "up", "job", "a"),
				series(at(1435781430000, -0.5), "job", "b"),
			},
			answer: Answer{Series: 2, Points: 2},
		},
		"matrix": {
			doc:    `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"2"],[1.5,"3"]]},{"metric":{"a":""},"values":[]}]}}`,
			want:   []plainSeries{series([]Point{{1000, 2}, {1500, 3}}), series(nil, "a", "")},
			answer: Answer{Series: 2, Points: 2},
		},
		"scalar": {
			doc:    `{"status":"success","data":{"resultType":"scalar","result":[1435781430.781,"15"]}}`,
			want:   []plainSeries{series(at(1435781430781, 15))},
			answer: Answer{Series: 1, Points: 1},
		},
		"values that are no digits": {
			doc: vector(`{"metric":{"v":"1"},"value":[1,"NaN"]},{"metric":{"v":"2"},"value":[1,"+Inf"]},{"metric":{"v":"3"},"value":[1,"-Inf"]},{"metric":{"v":"4"},"value":[1,"1e-300"]}`),
			want: []plainSeries{
				series(at(1000, math.NaN()), "v", "1"), series(at(1000, math.Inf(1)), "v", "2"),
				series(at(1000, math.Inf(-1)), "v", "3"), series(at(1000, 1e-300), "v", "4"),
			},
			answer: Answer{Series: 4, Points: 4},
		},
		"native histograms are skipped": {
			doc: vector(`{"metric":{"a":"1"},"histogram":[1,{"count":"2","sum":"3","buckets":[[0,"1","2","2"]]}]},` +
				`{"metric":{"a":"2"},"value":[1,"1"]}`),
			want:   []plainSeries{series(at(1000, 1), "a", "2")},
			answer: Answer{Series: 1, Points: 1, Histograms: 1},
		},
		"series of floats and histograms": {
			doc: `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"2"]],"histograms":[[2,{"count":"2"}],[3,{}]]},` +
				`{"metric":{},"histograms":[[2,{}]]}]}}`,
			want:   []plainSeries{series(at(1000, 2))},
			answer: Answer{Series: 1, Points: 1, Histograms: 3},
		},
		"other order, other keys, space": {
			doc: " {\n\"isPartial\" : true, \"data\" : { \"result\" : [ { \"value\" : [ 1 , \"2\" ] , \"x\":[{\"y\":null},[],{},-1.5e+3,false], \"metric\" : { \"a\" : \"b\" } } ] ," +
				"\t\"stats\":{\"a\":[1,2,{\"b\":true}]}, \"resultType\" : \"vector\" } , \"status\" : \"success\" }\r\n",
			want:   []plainSeries{series(at(1000, 2), "a", "b")},
			answer: Answer{Series: 1, Points: 1},
		},
		"twice the same": {
			doc:    vector(`{"metric":{"x":"y"},"metric":{"b":"1","a":"2","b":"3","c":"4","a":"5"},"value":[1,"1"],"value":[2,"2"]}`),
			want:   []plainSeries{series(at(2000, 2), "b", "3", "a", "5", "c", "4")},
			answer: Answer{Series: 1, Points: 1},
		},
		"names that change from one series to the next": {
			doc: vector(`{"metric":{"a":"1","b":"2"},"value":[1,"1"]},{"metric":{"a":"3","c":"4"},"value":[1,"1"]},{"metric":{"b":"5"},"value":[1,"1"]},` +
				`{"metric":{},"value":[1,"1"]},{"metric":{"c":"6","a":"7"},"value":[1,"1"]},{"metric":{"c":"8","a":"9","c":"10"},"value":[1,"1"]},` +
				`{"metric":{"a\"":"11","ab":"12"},"value":[1,"1"]},{"metric":{"a\"":"13","ab":"14"},"value":[1,"1"]},` +
				`{"metric":{"\u0061":"15", "ab" : "16","abc":"17"},"value":[1,"1"]}`),
			want: []plainSeries{
				series(at(1000, 1), "a", "1", "b", "2"), series(at(1000, 1), "a", "3", "c", "4"), series(at(1000, 1), "b", "5"),
				series(at(1000, 1)), series(at(1000, 1), "c", "6", "a", "7"), series(at(1000, 1), "c", "10", "a", "9"),
				series(at(1000, 1), `a"`, "11", "ab", "12"), series(at(1000, 1), `a"`, "13", "ab", "14"),
				series(at(1000, 1), "a", "15", "ab", "16", "abc", "17"),
			},
			answer: Answer{Series: 9, Points: 9},
		},
		"annotations": {
			doc:    `{"status":"success","warnings":["a","b"],"infos":null,"data":{"resultType":"vector","result":[]}}`,
			answer: Answer{Warnings: []string{"a", "b"}},
		},
		"escapes": {
			doc: metric(`"a":"\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00","\u0062":"é€😀` + "\x7f" + `"`),
			want: []plainSeries{
				series(at(1000, 2), "a", "\"\\/\b\f\n\r\tAé€😀", "b", "é€😀\x7f"),
			},
			answer: Answer{Series: 1, Points: 1},
		},
		"lone surrogates and bad bytes": {
			doc: metric(`"a":"\ud800","b":"\ude00x","c":"\ud800\ud83d\ude00","d":"\ud800\u0041","e":"\ud800\n","f":"` + "\xff\xe2\x82" + `"`),
			want: []plainSeries{
				series(at(1000, 2), "a", "\uFFFD", "b", "\uFFFDx", "c", "\uFFFD😀", "d", "\uFFFDA", "e", "\uFFFD\n", "f", "\uFFFD\uFFFD\uFFFD"),
			},
			answer: Answer{Series: 1, Points: 1},
		},
		"long values": {
			doc:    metric(`"a":"` + strings.Repeat("x", 100_000) + `","b":"` + strings.Repeat(`\u00e9`, 40_000) + `"`),
			want:   []plainSeries{series(at(1000, 2), "a", strings.Repeat("x", 100_000), "b", strings.Repeat("é", 40_000))},
			answer: Answer{Series: 1, Points: 1},
		},
		"times": {
			doc: `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[0,"0"],[-1.5,"0"],[1.43578143e9,"0"],[1435781430.7814,"0"],[1435781430.7816,"0"],[253402300799.999,"0"],[0.0004,"0"]]}]}}`,
			want: []plainSeries{series([]Point{
				{0, 0}, {-1500, 0}, {1435781430000, 0}, {1435781430781, 0}, {1435781430782, 0}, {253402300799999, 0}, {0, 0},
			})},
			answer: Answer{Series: 1, Points: 7},
		},
	} {
		// However the stream is cut into reads, the answer is the same.
		for cut, reader := range map[string]func(io.Reader) io.Reader{
			"whole":       func(r io.Reader) io.Reader { return r },
			"bytes":       iotest.OneByteReader,
			"halves":      iotest.HalfReader,
			"early error": iotest.DataErrReader,
		} {
			t.Run(name+"/"+cut, func(t *testing.T) {
				var got []plainSeries
				answer, said, err := decode(reader(strings.NewReader(tc.doc)), collect(&got))
				require.NoError(t, err)
				require.Equal(t, envelope{status: "success"}, said)
				require.Empty(t, cmp.Diff(tc.want, got, cmpopts.EquateNaNs()))
				require.Equal(t, tc.answer, answer)
			})
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	data := func(data string) string { return `{"status":"success","data":` + data + `}` }
	values := func(values string) string {
		return data(`{"resultType":"matrix","result":[{"metric":{},"values":` + values + `}]}`)
	}
	for name, tc := range map[string]struct{ doc, want string }{
		"empty":                    {``, "unexpected end at byte 0"},
		"only space":               {" \n", "unexpected end at byte 2"},
		"cut in a key":             {`{"sta`, "unexpected end at byte 5"},
		"cut in a value":           {vector("")[:60], "unexpected end at byte 60"},
		"cut before the end":       {vector("")[:len(vector(""))-1], "unexpected end at byte 62"},
		"cut in an escape":         {`{"a":"\u00`, "unexpected end at byte 10"},
		"cut in a literal":         {`{"a":tru`, "unexpected end at byte 8"},
		"cut in a number":          {`{"a":12`, "unexpected end at byte 7"},
		"garbage behind":           {vector("") + "\n]", `unexpected ']' after the end of the document at byte 64`},
		"two documents":            {vector("") + vector(""), `unexpected '{' after the end of the document at byte 63`},
		"zero byte behind":         {vector("") + "\x00", `unexpected byte 0x00 after the end of the document at byte 63`},
		"array":                    {`[]`, "not a JSON object: []"},
		"no data":                  {`{"status":"success"}`, "no result at byte 20"},
		"data is null":             {data(`null`), "no result at byte 32"},
		"data is empty":            {data(`{}`), "no result at byte 30"},
		"data is a list":           {data(`[]`), "unexpected '[' where '{' belongs at byte 27"},
		"data twice":               {`{"data":{},"data":{}}`, "a second data at byte 18"},
		"result twice":             {data(`{"resultType":"vector","result":[],"result":[]}`), "a second result at byte 71"},
		"no type":                  {data(`{"result":[]}`), "a result without resultType at byte 40"},
		"type streams":             {data(`{"resultType":"streams","result":[]}`), `resultType is "streams", not vector, matrix or scalar at byte 50`},
		"type string":              {data(`{"resultType":"string","result":[1,"a"]}`), `resultType is "string", not vector, matrix or scalar at byte 49`},
		"vector called matrix":     {data(`{"resultType":"matrix","result":[{"metric":{},"value":[1,"1"]}]}`), "resultType is matrix, but the result is a vector at byte 81"},
		"matrix then vector":       {data(`{"result":[{"metric":{},"values":[]},{"metric":{},"value":[1,"1"]}]}`), "a vector in a matrix at byte 85"},
		"scalar called vector":     {data(`{"result":[1,"1"],"resultType":"vector"}`), "resultType is vector, but the result is a scalar at byte 66"},
		"scalar in a vector":       {vector(`{"metric":{},"value":[1,"1"]},1`), "a vector with something else than objects at byte 90"},
		"empty scalar":             {data(`{"resultType":"scalar","result":[]}`), "a scalar without a value at byte 62"},
		"series without value":     {vector(`{"metric":{}}`), "a series without values at byte 73"},
		"metric is null":           {vector(`{"metric":null,"value":[1,"1"]}`), "unexpected 'n' where '{' belongs at byte 70"},
		"label is a number":        {metric(`"a":1`), `unexpected '1' where '"' belongs at byte 75`},
		"label without comma":      {metric(`"a":"1" "b":"2"`), `unexpected '"' where ',' or '}' belongs at byte 79`},
		"label with comma behind":  {metric(`"a":"1",`), `unexpected '}' where '"' belongs at byte 79`},
		"newline in a label":       {metric("\"a\":\"\n\""), "unexpected byte 0x0a in a string at byte 76"},
		"bad escape":               {metric(`"a":"\x"`), `unexpected 'x' in an escape sequence at byte 77`},
		"bad unicode escape":       {metric(`"a":"\u00g0"`), `a \u that is not followed by four hexadecimal digits at byte 76`},
		"value is a number":        {vector(`{"value":[1,2]}`), `unexpected '2' where '"' belongs at byte 72`},
		"value is a word":          {vector(`{"value":[1,"two"]}`), `"two", which is not a sample value at byte 77`},
		"value is huge":            {vector(`{"value":[1,"1e999"]}`), `"1e999", which is not a sample value at byte 79`},
		"value is empty":           {vector(`{"value":[1,""]}`), `"", which is not a sample value at byte 74`},
		"time is a string":         {vector(`{"value":["1","2"]}`), `unexpected '"' where a number belongs at byte 70`},
		"time is huge":             {vector(`{"value":[1e300,"2"]}`), `a time that is out of range at byte 75`},
		"time is beyond int64":     {vector(`{"value":[9223372036854775.808,"2"]}`), `a time that is out of range at byte 90`},
		"time is not a number":     {vector(`{"value":[01,"2"]}`), `a bad number at byte 70`},
		"time is long":             {vector(`{"value":[` + strings.Repeat("1", 2000) + `,"2"]}`), `a number of more than 1024 bytes at byte 2070`},
		"empty sample":             {values(`[[]]`), "a sample without time and value at byte 85"},
		"sample without value":     {values(`[[1]]`), "a sample without value at byte 86"},
		"sample of three":          {values(`[[1,"2",3]]`), "a sample of more than time and value at byte 90"},
		"sample is an object":      {values(`[{}]`), "unexpected '{' where '[' belongs at byte 83"},
		"status is a number":       {`{"status":1}`, `unexpected '1' where '"' belongs at byte 10`},
		"bad literal":              {`{"a":nil}`, `unexpected 'i' where null belongs at byte 6`},
		"bad value":                {`{"a":x}`, `unexpected 'x' where a value belongs at byte 5`},
		"bad number":               {`{"a":1.}`, `a bad number at byte 5`},
		"deep":                     {`{"a":` + strings.Repeat("[", 1_000_000), "values nested deeper than 100 at byte 105"},
		"many labels":              {metric(manyLabels(1025)), "a series with more than 1024 labels or 1048576 bytes of them at byte 14420"},
		"long string":              {metric(`"a":"` + strings.Repeat("x", 1<<20+100_000) + `"`), "a string of more than 1048576 bytes"},
		"long unused string":       {`{"a":"` + strings.Repeat("x", 1<<20+100_000) + `"}`, "a string of more than 1048576 bytes"},
		"many points in a series":  {values(`[` + strings.Repeat(`[1,"2"],`, 1<<20) + `[1,"2"]]`), "a series with more than 1048576 points at byte 8388698"},
		"second error is not told": {`{"data":[1`, "unexpected '[' where '{' belongs at byte 8"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := decode(strings.NewReader(tc.doc), func(*Series) error { return nil })
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func manyLabels(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"l%06d":"v"`, i)
	}
	return b.String()[1:]
}

// Every document that is cut short is an error, wherever the cut is.
func TestDecodeTruncatedAnywhere(t *testing.T) {
	doc, err := os.ReadFile("testdata/query.json")
	require.NoError(t, err)
	doc = bytes.TrimSpace(doc)
	for n := range doc {
		_, _, err := decode(bytes.NewReader(doc[:n]), func(*Series) error { return nil })
		require.Error(t, err, "cut at %d", n)
	}
}

func TestDecodeKeepsTheReadersError(t *testing.T) {
	broken := errors.New("broken")
	_, _, err := decode(io.MultiReader(strings.NewReader(`{"status":"succ`), iotest.ErrReader(broken)), nil)
	require.Equal(t, broken, err)

	_, _, err = decode(stuckReader{}, nil)
	require.Equal(t, io.ErrNoProgress, err)
}

type stuckReader struct{}

func (stuckReader) Read([]byte) (int, error) { return 0, nil }

func TestDecodeStopsWhenTheCallerDoes(t *testing.T) {
	enough := errors.New("enough")
	calls := 0
	answer, _, err := decode(bytes.NewReader(benchVector(10)), func(*Series) error {
		calls++
		if calls == 3 {
			return enough
		}
		return nil
	})
	var caller *callerError
	require.ErrorAs(t, err, &caller)
	require.Equal(t, enough, caller.err)
	require.Equal(t, 3, calls)
	require.Equal(t, 3, answer.Series)
}

func TestDecodeBoundsAnnotations(t *testing.T) {
	note := strings.Repeat("é", maxNote)
	doc := `{"warnings":[` + strings.Repeat(`"`+note+`",`, 2*maxNotes) + `""]}`
	answer, _, err := decode(strings.NewReader(doc), nil)
	require.NoError(t, err)
	require.Len(t, answer.Warnings, maxNotes)
	require.Equal(t, note[:maxNote]+"…", answer.Warnings[0])
}

// Answers of Prometheus 3 to queries of its own metrics, as they came.
func TestDecodeRealAnswers(t *testing.T) {
	for file, want := range map[string]Answer{
		"query.json":       {Series: 4, Points: 4, Histograms: 1},
		"query_range.json": {Series: 2, Points: 8, Infos: []string{`PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "up" (1:6)`}},
	} {
		t.Run(file, func(t *testing.T) {
			doc, err := os.Open("testdata/" + file)
			require.NoError(t, err)
			defer doc.Close()
			answer, said, err := decode(doc, func(*Series) error { return nil })
			require.NoError(t, err)
			require.Equal(t, "success", said.status)
			require.Equal(t, want, answer)
		})
	}
}

// The allocations of an answer do not depend on its size.
func TestDecodeAllocatesPerAnswer(t *testing.T) {
	allocations := func(series int) float64 {
		r := bytes.NewReader(nil)
		doc := benchVector(series)
		points := 0
		return testing.AllocsPerRun(5, func() {
			r.Reset(doc)
			_, _, err := decode(r, func(s *Series) error {
				points += len(s.Points)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	few, many := allocations(10), allocations(1_000)
	// The pool may lose decoders, whose buffers are few: to the garbage collector, and to the race detector, which
	// throws some away.
	require.Less(t, many, few+100)
}
