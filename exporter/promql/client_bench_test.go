package promql

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// BenchmarkQuery reads answers from a server on loopback, not compressed.
func BenchmarkQuery(b *testing.B) {
	for _, n := range []int{100, 10_000, 112_000} {
		b.Run(fmt.Sprintf("series=%d", n), func(b *testing.B) {
			doc := benchVector(n)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(doc) }))
			defer server.Close()
			c, err := New(Options{URL: server.URL})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				answer, err := c.Query(b.Context(), "x", time.Time{}, nothing)
				if err != nil || answer.Series != n {
					b.Fatal(answer, err)
				}
			}
		})
	}
}
