// Package labelset reads the label sets of bulk answers without an allocation
// for each: every distinct label value is a number, every label set a tuple of
// numbers, which is a key for whatever its reader remembers of it.
package labelset

import (
	"iter"
	"slices"
	"strings"
)

// Max is the most labels that a Table can read.
const Max = 24

// Tuple is a label set: at each label's place the number of its value, 0 where
// it is missing or empty. It is comparable.
type Tuple [Max]uint32

// Table numbers the values of a fixed list of labels. It is not safe for
// concurrent use.
type Table struct {
	names   []string // sorted, as stores send labels
	symbols map[string]uint32
	values  []string

	// Of the label set that is being read, and the one before. They are here,
	// and take is made once, because a loop's body over an iterator is otherwise
	// made, on the heap, for each of them.
	tuple, before Tuple
	next          int
	take          func(name, value []byte) bool
}

// New is a Table of the named labels. Others are passed over. More than Max of
// them are a mistake in the program, and panic.
func New(names ...string) *Table {
	if len(names) > Max {
		panic("labelset: more labels than a tuple has places: " + strings.Join(names, ", "))
	}
	t := &Table{names: slices.Sorted(slices.Values(names))}
	t.take = t.takeLabel
	t.Forget()
	return t
}

// Forget drops all values. Tuples that were read before are void.
func (t *Table) Forget() {
	t.symbols = map[string]uint32{"": 0}
	t.values = []string{""}
	t.tuple = Tuple{}
}

// Len is the number of distinct values that are remembered.
func (t *Table) Len() int { return len(t.values) }

// Names are the labels in the order of a Tuple's places.
func (t *Table) Names() []string { return t.names }

// Index is a label's place in a Tuple, or -1.
func (t *Table) Index(name string) int {
	if i, found := slices.BinarySearch(t.names, name); found {
		return i
	}
	return -1
}

// Value is the value that a number stands for.
func (t *Table) Value(symbol uint32) string { return t.values[symbol] }

// Read is the tuple of a label set. It allocates for values that were not
// seen before, and for nothing else.
func (t *Table) Read(labels iter.Seq2[[]byte, []byte]) Tuple {
	t.before, t.tuple, t.next = t.tuple, Tuple{}, 0
	labels(t.take)
	return t.tuple
}

func (t *Table) takeLabel(name, value []byte) bool {
	i := t.find(name, t.next)
	if i < 0 {
		return true
	}
	t.next = i + 1
	// Label sets that follow each other have most of their values in common.
	if symbol := t.before[i]; t.values[symbol] == string(value) {
		t.tuple[i] = symbol
	} else {
		t.tuple[i] = t.symbol(value)
	}
	return true
}

func (t *Table) symbol(value []byte) uint32 {
	symbol, ok := t.symbols[string(value)]
	if !ok {
		symbol = uint32(len(t.values))
		t.values = append(t.values, string(value))
		t.symbols[t.values[symbol]] = symbol
	}
	return symbol
}

// find looks for a label from where the last one was found: both lists are
// sorted, as a rule.
func (t *Table) find(name []byte, from int) int {
	for i := from; i < len(t.names); i++ {
		if t.names[i] == string(name) {
			return i
		}
	}
	for i := range from {
		if t.names[i] == string(name) {
			return i
		}
	}
	return -1
}
