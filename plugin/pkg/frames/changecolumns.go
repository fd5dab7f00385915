package frames

import (
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/compare"
	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// arrow stands between then and now.
const arrow = " → "

// changeColumns are the details of what has changed: in a word, and each stat
// and the verdict as they were and as they are.
func changeColumns[Row any](stats []query.Stat, change func(Row) compare.Change, now, then func(Row) *totals, is, was func(Row) *topology.Verdict) []column[Row] {
	columns := []column[Row]{
		text("detail__change", "Change", func(r Row) string {
			if change(r) == compare.Unchanged {
				return ""
			}
			return change(r).String()
		}),
		text("detail__health_change", "Health, then"+arrow+"now", func(r Row) string { return healthChange(was(r), is(r)) }),
	}
	for _, s := range comparedStats(stats) {
		form := statForms[s]
		columns = append(columns, text("detail__"+form.column+"_change", form.label+", then"+arrow+"now", func(r Row) string {
			before, after := then(r).statText(s), now(r).statText(s)
			if before == "" && after == "" {
				return ""
			}
			return orNone(before) + arrow + orNone(after)
		}))
	}
	return columns
}

// comparedStats are those of a table and the mean duration, which is what is
// meant by slower.
func comparedStats(stats []query.Stat) []query.Stat {
	return listedStats(append([]query.Stat{query.Avg}, stats...))
}

// healthChange tells both verdicts where they are not the same.
func healthChange(was, is *topology.Verdict) string {
	before, after := healthWord(was), healthWord(is)
	if before == after {
		return ""
	}
	return orNone(before) + arrow + orNone(after)
}

func healthWord(v *topology.Verdict) string {
	if healthOf(v) == topology.HealthNA {
		return ""
	}
	return v.Health.String()
}

func orNone(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// statText is a stat with the unit that fits it; empty where there is none.
func (t *totals) statText(s query.Stat) string {
	v, ok := t.value(s)
	if !ok {
		return ""
	}
	switch unit := statForms[s].unit; unit {
	case millis:
		return formatMillis(v)
	case bytesPerS:
		return formatBytes(v)
	default:
		return formatRate(v, unit)
	}
}

// How the columns of a table are named that tell of then.
const thenSuffix, thenLabel = "_then", " then"

// changeColumn is the column of a table that tells changes in a word. Nothing
// is there where there was nothing to compare with.
func changeColumn[Row any](of func(Row) compare.Change) column[Row] {
	return text("change", "Change", func(r Row) string {
		if of(r) == compare.Unchanged {
			return ""
		}
		return of(r).String()
	})
}

// listed are the stats of a table.
func (s *sight) listed(asked []query.Stat) []query.Stat {
	if s.query.Compares() {
		return comparedStats(asked)
	}
	return listedStats(asked)
}
