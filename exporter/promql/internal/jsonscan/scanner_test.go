package jsonscan

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func scan(doc string) *Scanner {
	s := new(Scanner)
	s.Reset(strings.NewReader(doc))
	return s
}

func TestScannerReadsNestedElements(t *testing.T) {
	s := scan(` {"a" : [ 1 , [] , {"b":"c"} ], "d":{} } `)
	var got []string
	s.Open('{')
	for s.More('}') {
		got = append(got, string(s.Key()))
		if got[len(got)-1] == "d" {
			s.Skip()
			continue
		}
		s.Open('[')
		for s.More(']') {
			if c := s.Peek(); c == '1' {
				got = append(got, string(s.Number()))
				continue
			}
			s.Skip()
		}
	}
	s.End()
	require.NoError(t, s.Err())
	require.Equal(t, []string{"a", "1", "d"}, got)
	require.Equal(t, int64(41), s.Offset())
}

func TestScannerTellsNullFromOthers(t *testing.T) {
	s := scan(`[null, 1, nul]`)
	s.Open('[')
	require.True(t, s.More(']') && s.Null())
	require.True(t, s.More(']') && !s.Null())
	s.Skip()
	require.True(t, s.More(']'))
	require.False(t, s.Null())
	require.EqualError(t, s.Err(), "unexpected ']' where null belongs at byte 13")
}

// After an error nothing is read, and the first error stays.
func TestScannerErrorsAreSticky(t *testing.T) {
	s := scan(`["a" "b"]`)
	s.Open('[')
	require.True(t, s.More(']'))
	require.Equal(t, "a", string(s.AppendString(nil)))
	require.False(t, s.More(']'))
	first := s.Err()
	require.EqualError(t, first, `unexpected '"' where ',' or ']' belongs at byte 5`)

	require.Empty(t, s.AppendString(nil))
	require.Nil(t, s.Number())
	require.Zero(t, s.Peek())
	s.Skip()
	s.End()
	s.Failf("another")
	s.Abort(errors.New("another"))
	require.Equal(t, first, s.Err())
}

func TestScannerKeepsTheReadersError(t *testing.T) {
	broken := errors.New("broken")
	for _, start := range []string{`"a`, `"\`, `"\u00`, `"\ud800`, "\"\xe2", `1`, `tr`, `[`, ``, `{} `} {
		t.Run(start, func(t *testing.T) {
			s := new(Scanner)
			s.Reset(io.MultiReader(strings.NewReader(start), iotest.ErrReader(broken)))
			s.Skip()
			s.End()
			require.Equal(t, broken, s.Err())
		})
	}
}

// FuzzScanner checks that exactly what encoding/json holds for valid is, however
// it is cut into reads, and that strings stand for the same.
func FuzzScanner(f *testing.F) {
	for _, doc := range []string{
		`{"a":[1,-0.5e+7,true,false,null,"x"],"b":{}}`, `"\ud800\ud83d\ude00\u0041\n"`, "\"\xff\xe2\x82\"", `01`, `1.`, `-`, `1e`, `tru`, `[1,]`, `{"a":1,}`, `{"a"}`, ` `, `1 2`,
	} {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		for _, reader := range []io.Reader{strings.NewReader(doc), iotest.OneByteReader(strings.NewReader(doc))} {
			s := new(Scanner)
			s.Reset(reader)
			s.Skip()
			s.End()
			if err := s.Err(); err == nil || !isLimit(err) {
				require.Equal(t, json.Valid([]byte(doc)), err == nil, "%v", err)
			}
		}
		var want string
		if json.Unmarshal([]byte(doc), &want) == nil && strings.Contains(doc, `"`) {
			for _, reader := range []io.Reader{strings.NewReader(doc), iotest.OneByteReader(strings.NewReader(doc))} {
				s := new(Scanner)
				s.Reset(reader)
				got := s.AppendString(nil)
				require.NoError(t, s.Err())
				require.Equal(t, want, string(got))
			}
		}
	})
}

// isLimit tells whether an error is about a limit that encoding/json does not have.
func isLimit(err error) bool {
	return strings.Contains(err.Error(), "nested deeper") || strings.Contains(err.Error(), "of more than")
}
