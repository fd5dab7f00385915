package derived_test

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"io"
	"net/http"
	"net/url"
	"golang.org/x/sync/errgroup"
	"github.com/meshscope/meshscope/plugin/pkg/frames"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/derived"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

func cpu() time.Duration {
	var r syscall.Rusage
	syscall.Getrusage(0, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func TestMeasure(t *testing.T) {
	store := derivedtest.Open(t)
	store.Publish(derivedtest.Mesh(2800), 40)
	hc := &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 20}}
	client, _ := promql.New(promql.Options{URL: store.URL, MaxConcurrency: 8, HTTPClient: hc})
	q := query.Default()
	iv := topology.Interval{End: store.Now, Length: 5 * time.Minute}
	a, _ := sourceOf(t, store).Flows(context.Background(), iv, q)
	m := func(name string, f func()) {
		f()
		const n = 10
		c, w := cpu(), time.Now()
		for range n {
			f()
		}
		fmt.Printf("cpu %6.1f ms wall %6.1f ms %s\n", float64((cpu()-c).Microseconds())/1000/n, float64(time.Since(w).Microseconds())/1000/n, name)
	}
	m("http only", func() {
		var group errgroup.Group
		for _, text := range a.Queries {
			group.Go(func() error {
				resp, err := hc.PostForm(store.URL+"/api/v1/query", url.Values{"query": {text}, "time": {fmt.Sprint(iv.End.Unix())}})
				if err != nil {
					return err
				}
				defer resp.Body.Close()
				_, err = io.Copy(io.Discard, resp.Body)
				return err
			})
		}
		group.Wait()
	})
	m("bare", func() {
		var group errgroup.Group
		for _, text := range a.Queries {
			group.Go(func() error {
				_, err := client.Query(context.Background(), text, iv.End, func(*promql.Series) error { return nil })
				return err
			})
		}
		group.Wait()
	})
	m("flows", func() { derived.New(client).Flows(context.Background(), iv, q) })
	m("build", func() { topology.Build(iv, a.Flows, q.Level, q.Idle) })
	g := topology.Build(iv, a.Flows, q.Level, q.Idle)
	m("frames", func() { frames.Graph(g, frames.View{Query: q}) })
	fr := frames.Graph(g, frames.View{Query: q})
	m("arrow", func() { fr[0].MarshalArrow(); fr[1].MarshalArrow() })
}
