package refresh

import (
	"context"
	"fmt"
	"time"
)

// diagnoseEvery limits how often an empty mesh is looked into.
const diagnoseEvery = 5 * time.Minute

// longAgo is how far back a mesh is looked for that gives no increments.
const longAgo = time.Hour

// diagnose looks for the reason when there is not one edge: a mesh without
// traffic is no error, but one whose counters are scraped so rarely that no
// two scrapes fall into the lookback must not pass for it.
func (l *Loop) diagnose(ctx context.Context) error {
	if l.ledger.Edges() > 0 || l.last.Sub(l.diagnosed) < diagnoseEvery {
		return nil
	}
	scrapes := func(over time.Duration) (float64, error) {
		text, err := l.settings.dialect.Scrapes(over)
		if err != nil {
			return 0, err
		}
		n, _, err := l.asker.Scalar(ctx, "diagnosis", text, l.last)
		return n, err
	}
	lately, err := scrapes(l.settings.lookback)
	if err != nil {
		return err
	}
	if lately >= 2 {
		l.diagnosed = l.last
		return nil
	}
	before, err := scrapes(max(longAgo, 2*l.settings.lookback))
	if err != nil {
		return err
	}
	if before >= 2 {
		return fmt.Errorf("the store has Istio's request or connection counters, but scraped at most %.0f times in refresh.lookback (%s), where it takes 2: raise refresh.lookback to at least twice the scrape interval", lately, l.settings.lookback)
	}
	l.diagnosed = l.last
	return nil
}
