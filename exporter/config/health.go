package config

import (
	"fmt"

	"github.com/meshscope/meshscope/exporter/health"
)

// Rules are what verdicts are reached by.
func (h *Health) Rules() health.Rules {
	rules := health.Rules{MinRequests: float64(h.MinRequests)}
	for i := range h.Rate {
		rules.Rates = append(rules.Rates, h.Rate[i].rate())
	}
	return rules
}

func (r *HealthRate) rate() health.Rate {
	rate := health.Rate{Namespace: r.Namespace, Kind: r.Kind, Name: r.Name}
	for _, t := range r.Tolerance {
		rate.Tolerance = append(rate.Tolerance, health.Tolerance(t))
	}
	return rate
}

func (v *validator) health(h *Health, r *Refresh) {
	v.check(h.Window >= r.Step, on("health.window", "refresh.step"),
		"too short: %s (want at least refresh.step, %s)", h.Window, r.Step)
	v.check(h.MinRequests >= 0, on("health.min_requests"), "too few: %d (want 0 or more)", h.MinRequests)
	for field := range h.problems() {
		v.check(field.Useless, on(field.key, field.within, "health.rate", "health"), "%s", field.Text)
	}
}

// rateProblem is a problem of a field, with its key and that of what it is in.
type rateProblem struct {
	key, within string
	health.FieldProblem
}

// problems are those of all rates, in the order of the file.
func (h *Health) problems() func(yield func(rateProblem) bool) {
	return func(yield func(rateProblem) bool) {
		each := func(within string, problems []health.FieldProblem) bool {
			for _, p := range problems {
				if !yield(rateProblem{join(within, p.Field), within, p}) {
					return false
				}
			}
			return true
		}
		for i := range h.Rate {
			rate, at := h.Rate[i].rate(), index("health.rate", i)
			if !each(at, rate.Problems()) {
				return
			}
			for n, t := range rate.Tolerance {
				if !each(index(join(at, "tolerance"), n), t.Problems()) {
					return
				}
			}
		}
	}
}

// warnings are what is valid, and has no effect.
func (h *Health) warnings() (warnings []string) {
	for p := range h.problems() {
		if p.Useless {
			warnings = append(warnings, fmt.Sprintf("%s: %s", p.key, p.Text))
		}
	}
	return warnings
}
