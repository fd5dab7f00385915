package derived

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

func at(hours, minutes int) time.Time {
	return noon.Add(time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute)
}

func TestPieces(t *testing.T) {
	iv := topology.Interval{End: at(0, 0), Length: 4 * time.Hour}
	direct := func(end time.Time, length time.Duration) piece { return piece{end: end, length: length} }
	rolled := func(end time.Time, hours int) piece {
		return piece{end: end, length: time.Duration(hours) * time.Hour, rolled: true}
	}
	whole := []piece{direct(at(0, 0), 4*time.Hour)}
	for name, c := range map[string]struct {
		hours []time.Time
		want  []piece
	}{
		"no rollups": {nil, whole},
		"rules at another minute": {
			[]time.Time{at(-4, 10), at(-3, 10), at(-2, 10), at(-1, 10), at(0, 10)},
			[]piece{direct(at(-4, 10), 10*time.Minute), rolled(at(-1, 10), 3), direct(at(0, 0), 50*time.Minute)},
		},
		"rules at the range's ends": {
			[]time.Time{at(-4, 0), at(-3, 0), at(-2, 0), at(-1, 0), at(0, 0)},
			[]piece{rolled(at(0, 0), 4)},
		},
		"in whatever order":    {[]time.Time{at(-1, 0), at(-3, 0), at(-2, 0), at(0, 0)}, []piece{rolled(at(0, 0), 4)}},
		"an hour is missing":   {[]time.Time{at(-3, 0), at(-1, 0), at(0, 0)}, []piece{rolled(at(-3, 0), 1), direct(at(-2, 0), time.Hour), rolled(at(0, 0), 2)}},
		"only later ones":      {[]time.Time{at(-1, 30)}, []piece{direct(at(-2, 30), 150*time.Minute), rolled(at(-1, 30), 1), direct(at(0, 0), 30*time.Minute)}},
		"two rulers":           {[]time.Time{at(-3, 0), at(-2, 0), at(-2, 20), at(-1, 0)}, whole},
		"twice the same hour":  {[]time.Time{at(-3, 0), at(-3, 0)}, whole},
		"outside of the range": {[]time.Time{at(-9, 0), at(5, 0)}, whole},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, pieces(iv, c.hours)) })
	}
}

// TestPiecesAreFew leaves rollups aside that are full of gaps.
func TestPiecesAreFew(t *testing.T) {
	iv := topology.Interval{End: noon, Length: 10 * time.Hour}
	gaps := []time.Time{at(-8, 0), at(-6, 0), at(-4, 0)}
	assert.Len(t, pieces(iv, gaps), 7)
	assert.Equal(t, []piece{{end: noon, length: 10 * time.Hour}}, pieces(iv, append(gaps, at(-2, 0))))
}

// TestPiecesAreTheInterval: nothing is read twice, nothing is left out.
func TestPiecesAreTheInterval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		iv := topology.Interval{End: noon, Length: time.Duration(rapid.IntRange(1, 40*3600).Draw(t, "seconds")) * time.Second}
		var hours []time.Time
		for range rapid.IntRange(0, 12).Draw(t, "hours") {
			hours = append(hours, noon.Add(-time.Duration(rapid.IntRange(-2, 45).Draw(t, "hour"))*time.Hour+
				time.Duration(rapid.SampledFrom([]int{0, 0, 0, 7}).Draw(t, "minutes"))*time.Minute))
		}
		from := iv.End.Add(-iv.Length)
		for _, p := range pieces(iv, hours) {
			if !p.end.Add(-p.length).Equal(from) || p.length <= 0 {
				t.Fatalf("a piece from %s, where the last ended at %s", p.end.Add(-p.length), from)
			}
			from = p.end
		}
		if !from.Equal(iv.End) {
			t.Fatalf("the last piece ends at %s", from)
		}
	})
}
