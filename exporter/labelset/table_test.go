package labelset

import (
	"iter"
	"testing"

	"github.com/stretchr/testify/require"
)

func labels(pairs ...string) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for i := 0; i < len(pairs); i += 2 {
			if !yield([]byte(pairs[i]), []byte(pairs[i+1])) {
				return
			}
		}
	}
}

func TestReadIsIndependentOfOrder(t *testing.T) {
	table := New("b", "a", "c")
	sorted := table.Read(labels("a", "1", "b", "2", "c", "3"))
	shuffled := table.Read(labels("c", "3", "other", "x", "a", "1", "b", "2"))
	require.Equal(t, sorted, shuffled)
	require.Equal(t, "2", table.Value(sorted[table.Index("b")]))
}

func TestReadTakesMissingAndEmptyAlike(t *testing.T) {
	table := New("a", "b")
	require.Equal(t, table.Read(labels("a", "1")), table.Read(labels("a", "1", "b", "")))
	require.NotEqual(t, table.Read(labels("a", "1")), table.Read(labels("b", "1")))
}

func TestReadAllocatesOnlyForNewValues(t *testing.T) {
	table := New("a", "b")
	seq := labels("a", "one", "b", "two")
	table.Read(seq)
	before := table.Len()
	allocations := testing.AllocsPerRun(100, func() { table.Read(seq) })
	require.Equal(t, before, table.Len())
	require.LessOrEqual(t, allocations, 4.0, "the test's own conversions to bytes are all")
}

func TestForget(t *testing.T) {
	table := New("a")
	table.Read(labels("a", "1"))
	table.Forget()
	require.Equal(t, 1, table.Len())
	tuple := table.Read(labels("a", "2"))
	require.Equal(t, "2", table.Value(tuple[0]))
}

func TestTooManyLabels(t *testing.T) {
	require.Panics(t, func() { New(make([]string, Max+1)...) })
}
