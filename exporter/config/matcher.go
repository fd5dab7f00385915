package config

import (
	"errors"
	"fmt"

	"github.com/prometheus/common/model"

	"github.com/meshscope/meshscope/exporter/promql/expr"
)

// checkMatcher says what is wrong with a matcher, e.g. mesh_id="m1".
func checkMatcher(text string) error {
	const want = `(want e.g. mesh_id="m1")`
	matchers, err := expr.ParseMatchers(text)
	syntax := new(expr.SyntaxError)
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("not a matcher: %s: %s %s", quote(text), syntax.Message, want)
	case err != nil:
		return fmt.Errorf("not a matcher: %w", err)
	case len(matchers) != 1:
		return fmt.Errorf("not one matcher: %s %s", quote(text), want)
	case matchers[0].Label == model.MetricNameLabel:
		return fmt.Errorf("a matcher on the metric name: %s %s", quote(text), want)
	}
	return nil
}
