package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/web"
)

// counting counts how often it is asked.
type counting struct{ asked *int }

func (c counting) Graph(context.Context, web.Question) (web.Answer, error) {
	*c.asked++
	return web.Answer{}, nil
}

// readEcho answers with the request.
func readEcho(path string, params url.Values, at time.Time) (web.Inquiry, error) {
	if path == "wrong" {
		return web.Inquiry{}, web.Errorf(web.ErrorForbidden, "wrong")
	}
	text := path + "?" + params.Encode()
	return web.Inquiry{Key: text, Answer: func(_ context.Context, started time.Time) (web.Answer, error) {
		if !started.Equal(at) {
			return web.Answer{}, errors.New("another time")
		}
		return web.Answer{Body: []byte(text), ContentType: "text/x-echo"}, nil
	}}, nil
}

func TestKiali(t *testing.T) {
	h := newHandler(t, func(o *web.Options) { o.Kiali = readEcho })
	for _, tc := range []struct {
		method, path string
		status       int
		want         string
	}{
		{"GET", "namespaces/graph?namespaces=a,b&namespaces=c", 200, "namespaces/graph?namespaces=a%2Cb&namespaces=c"},
		{"GET", "namespaces/a/aggregates/request_path/GET%20%2Fx/graph", 200, "namespaces/a/aggregates/request_path/GET%20%2Fx/graph?"},
		{"GET", "wrong", 403, "forbidden wrong"},
		{"GET", "namespaces/graph?a=%zz", 400, `bad_data the query string cannot be read: invalid URL escape "%zz"`},
		{"POST", "namespaces/graph", 405, "bad_method POST: no such method here (want GET)"},
	} {
		t.Run(tc.method+" "+tc.path, func(t *testing.T) {
			w := do(h, tc.method, web.KialiRoot+tc.path)
			require.Equal(t, tc.status, w.Code)
			if tc.status == http.StatusOK {
				require.Equal(t, tc.want, w.Body.String())
			} else {
				require.Equal(t, tc.want, errorOf(t, w.Header(), w.Body.Bytes()))
			}
		})
	}
	require.Equal(t, http.StatusNotFound, do(newHandler(t, nil), "GET", web.KialiRoot+"namespaces/graph").Code)
}
