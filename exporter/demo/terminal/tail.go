package terminal

import (
	"bytes"
	"strings"
	"sync"
)

// Tail is a log of which only the last lines are kept. Each Write is one line,
// or several.
type Tail struct {
	mu    sync.Mutex
	lines []string
}

// kept is how many lines a Tail keeps.
const kept = 100

// Write adds lines.
func (t *Tail) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for line := range bytes.SplitSeq(bytes.TrimRight(text, "\n"), []byte("\n")) {
		t.lines = append(t.lines, strings.TrimRight(string(line), "\r"))
	}
	if more := len(t.lines) - kept; more > 0 {
		t.lines = append(t.lines[:0], t.lines[more:]...)
	}
	return len(text), nil
}

// Last returns the last lines, at most as many as asked for.
func (t *Tail) Last(count int) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	count = max(min(count, len(t.lines)), 0)
	return append([]string(nil), t.lines[len(t.lines)-count:]...)
}
