package terminal

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// Screen redraws the table on a terminal, with the last lines of a log below.
type Screen struct {
	// Source is where edges are read.
	Source Source
	// Title is the first line.
	Title string
	// Log is shown below the table; nil for none.
	Log *Tail
	// Every is how often the table is drawn anew.
	Every time.Duration
	// Settle is how long Once waits for another edge.
	Settle time.Duration
}

// logLines is how much of a log is shown.
const logLines = 4

// IsTerminal reports whether a file is one, with a size to draw in.
func IsTerminal(f *os.File) bool {
	if !term.IsTerminal(int(f.Fd())) {
		return false
	}
	_, _, err := term.GetSize(int(f.Fd()))
	return err == nil
}

// Run draws on a terminal until the context ends. The log stays on it then.
func (s *Screen) Run(ctx context.Context, f *os.File) error {
	_, colourless := os.LookupEnv("NO_COLOR")
	ticker := time.NewTicker(s.Every)
	defer ticker.Stop()
	for {
		width, height, err := term.GetSize(int(f.Fd()))
		if err != nil {
			return fmt.Errorf("size of the terminal: %w", err)
		}
		if err := s.draw(ctx, f, width, height, !colourless); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// draw fills a screen, in one write so that it does not flicker.
func (s *Screen) draw(ctx context.Context, w io.Writer, width, height int, colour bool) error {
	edges, err := Edges(ctx, s.Source, time.Now())
	if err != nil {
		return err
	}
	var log []string
	if s.Log != nil {
		log = s.Log.Last(min(logLines, max(height/4, 0)))
	}
	var out bytes.Buffer
	out.WriteString("\x1b[H\x1b[2J") // home, clear
	fmt.Fprintf(&out, "%s\n\n", cut(s.Title, width))
	// The last line stays empty, or its end would scroll the screen.
	below := len(log) + 1
	if err := Table(&out, edges, width, height-2-below-1, colour); err != nil {
		return err
	}
	out.WriteByte('\n')
	for _, text := range log {
		out.WriteString(cut(text, width) + "\n")
	}
	_, err = w.Write(out.Bytes())
	return err
}

// Once writes the table as soon as the edges are all there and their rates are
// right, for what is no terminal: when no edge was added for the time to settle,
// which should be the minute that rates are taken over.
func (s *Screen) Once(ctx context.Context, w io.Writer) error {
	if _, err := io.WriteString(w, Waiting+"\n"); err != nil {
		return err
	}
	ticker := time.NewTicker(s.Every)
	defer ticker.Stop()
	count, since := 0, time.Now()
	for {
		edges, err := Edges(ctx, s.Source, time.Now())
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case len(edges) > count || len(edges) == 0:
			count, since = len(edges), time.Now()
		case time.Since(since) >= s.Settle:
			return Table(w, edges, wide, len(edges)+1, false)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// wide is the width of a table that is not on a terminal: names are not cut.
const wide = 400
