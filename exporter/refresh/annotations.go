package refresh

import (
	"sync/atomic"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"github.com/meshscope/meshscope/exporter/health"
)

// annotations tells what is wrong with those that objects have: in the log once, and again when it comes back.
type annotations struct {
	logger log.Logger
	known  map[health.Problem]bool
	wrong  atomic.Int64 // how many are now
}

func (a *annotations) tell(problems []health.Problem) {
	now := make(map[health.Problem]bool, len(problems))
	for _, p := range problems {
		if !a.known[p] && !now[p] {
			msg := "a part of an annotation is not valid, and does not hold"
			if p.Useless {
				msg = "a part of an annotation matches nothing"
			}
			level.Warn(a.logger).Log("msg", msg, "annotation", health.Annotation, "kind", p.Kind,
				"cluster", p.Cluster, "namespace", p.Namespace, "name", p.Name, "part", p.Part, "err", p.Text)
		}
		now[p] = true
	}
	a.known = now
	a.wrong.Store(int64(len(problems)))
}
