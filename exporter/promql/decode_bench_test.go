package promql

import (
	"bytes"
	"fmt"
	"testing"
)

// benchVector is an answer of istio_requests_total as Istio labels it: n series
// of 16 labels, about 600 bytes each.
func benchVector(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"status":"success","data":{"resultType":"vector","result":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"metric":{"connection_security_policy":"mutual_tls","destination_canonical_revision":"v%d",`+
			`"destination_canonical_service":"service-%d","destination_cluster":"Kubernetes","destination_principal":"spiffe://cluster.local/ns/shop-%d/sa/default",`+
			`"destination_service":"service-%d.shop-%d.svc.cluster.local","destination_service_name":"service-%d","destination_service_namespace":"shop-%d",`+
			`"destination_workload":"service-%d-v1","destination_workload_namespace":"shop-%d","reporter":"source","request_protocol":"http","response_code":"200",`+
			`"source_cluster":"Kubernetes","source_workload":"caller-%d","source_workload_namespace":"shop-%d"},"value":[1435781430.781,"%d.25"]}`,
			i%3, i, i%40, i, i%40, i, i%40, i, i%40, i/7, i%40, i)
	}
	b.WriteString(`]}}` + "\n")
	return b.Bytes()
}

// BenchmarkDecodeVector reads answers from memory. To compare two states:
//
//	go test -run='^$' -bench=DecodeVector -count=10 ./exporter/promql | tee new.txt
//	benchstat old.txt new.txt
func BenchmarkDecodeVector(b *testing.B) {
	for _, n := range []int{100, 10_000, 112_000} {
		b.Run(fmt.Sprintf("series=%d", n), func(b *testing.B) {
			doc := benchVector(n)
			r := bytes.NewReader(doc)
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				r.Reset(doc)
				answer, _, err := decode(r, func(*Series) error { return nil })
				if err != nil || answer.Series != n {
					b.Fatal(answer, err)
				}
			}
		})
	}
}
