package refresh_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fresh lets a proxy report calls that it has seen none of so far, and says
// how many series that takes.
func (p *proxy) fresh(perSecond float64, lbls map[string]string) (added int) {
	before := len(p.series)
	p.requests(perSecond, lbls)
	for _, c := range p.series[before:] {
		c.value = 0
	}
	return len(p.series) - before
}

// What a pod has not shown with its first scrape counts from zero, even where
// the pod had only just started and shows far more with the second.
func TestPodsScrapedAtTheirStart(t *testing.T) {
	for name, reviewsAtFirst := range map[string]bool{"with a few counters": true, "with none": false} {
		t.Run(name, func(t *testing.T) {
			r := newRough(t, bookinfo())
			r.play(2*time.Minute, false)
			r.start()
			r.play(time.Minute, false)

			pod := &proxy{instance: "10.0.0.9:15020"}
			had := 0
			if reviewsAtFirst {
				had = pod.fresh(5, edge("source", "productpage", "reviews"))
			}
			r.proxies = append(r.proxies, pod)
			r.play(scrapeInterval, false)
			added := pod.fresh(7, edge("source", "productpage", "details")) + pod.fresh(2, edge("source", "productpage", "login"))
			require.Greater(t, added, had)
			r.play(2*time.Minute, false)
			r.checkExact()
		})
	}
}

// A proxy that begins anew in its pod shows few of its counters at first. One
// that is new among them counts from zero.
func TestBirthAtAResetInPlace(t *testing.T) {
	r := newRough(t, bookinfo())
	r.play(2*time.Minute, false)
	r.start()
	r.play(time.Minute, false)

	page := r.proxies[0]
	page.series = page.series[:1]
	page.series[0].value = 0
	page.count(2, line("istio_requests_total", edge("source", "productpage", "reviews"), "response_code", "500", "response_flags", "-"))
	page.series[1].value = 0
	r.play(2*time.Minute, false)
	r.checkExact()
}

// Counters under new names are old ones, though their target is known: the
// step's traffic is lost, and nothing else is counted.
func TestRelabelledTargets(t *testing.T) {
	r := newRough(t, bookinfo())
	r.play(2*time.Minute, false)
	r.start()
	r.play(time.Minute, false)
	r.expose = func(p *proxy, text string) string {
		if p != r.proxies[0] {
			return text
		}
		return strings.ReplaceAll(text, `reporter=`, `mesh="one",reporter=`)
	}
	r.play(2*time.Minute, false)
	r.checkExact(func(want map[oracleEdge]float64) {
		for e := range want {
			if e.source == "productpage" {
				want[e] -= map[string]float64{"reviews": 8 + 1, "details": 3}[e.destination] * scrapeInterval.Seconds()
			}
		}
	})
}
