package terminal

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// Waiting is said while there is no edge to show.
const Waiting = "waiting for the first refresh"

// Widths of the columns beside the two names.
const (
	protocolWidth = 5
	rateWidth     = 10
	shareWidth    = 7
	latencyWidth  = 8
	gap           = 2
	numbersWidth  = protocolWidth + rateWidth + 2*shareWidth + latencyWidth + 5*gap
	minNameWidth  = 12
)

// Table writes edges under a heading, in lines of the width given and no more
// of them than the height. Colour marks the edges with errors.
func Table(w io.Writer, edges []Edge, width, height int, colour bool) error {
	if height <= 0 {
		return nil
	}
	var out strings.Builder
	names := max((width-numbersWidth-gap)/2, minNameWidth)
	longest := len("DESTINATION")
	for _, e := range edges {
		longest = max(longest, utf8.RuneCountInString(e.Source), utf8.RuneCountInString(e.Destination))
	}
	names = min(names, longest)

	line(&out, width, names, "SOURCE", "DESTINATION", "PROTO", "RATE", "ERRORS", "P95", "MTLS")
	shown := edges
	if len(shown) > height-1 {
		shown = shown[:max(height-2, 0)]
	}
	for _, e := range shown {
		paint, reset := "", ""
		if colour {
			switch e.severity() {
			case 1:
				paint, reset = "\x1b[33m", "\x1b[0m"
			case 2:
				paint, reset = "\x1b[31m", "\x1b[0m"
			}
		}
		out.WriteString(paint)
		line(&out, width, names, e.Source, e.Destination, e.Protocol, rate(e), share(e.ErrorRatio), seconds(e.P95), share(e.Secured))
		out.WriteString(reset)
	}
	switch {
	case len(edges) == 0 && height > 1:
		out.WriteString(cut(Waiting, width) + "\n")
	case len(shown) < len(edges) && height > 1:
		out.WriteString(cut(fmt.Sprintf("… and %d more", len(edges)-len(shown)), width) + "\n")
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func line(out *strings.Builder, width, names int, source, destination, protocol, rate, errors, latency, secured string) {
	text := fmt.Sprintf("%s  %s  %-*s  %*s  %*s  %*s  %*s",
		pad(cut(source, names), names), pad(cut(destination, names), names), protocolWidth, protocol,
		rateWidth, rate, shareWidth, errors, latencyWidth, latency, shareWidth, secured)
	out.WriteString(strings.TrimRight(cut(text, width), " "))
	out.WriteByte('\n')
}

// cut shortens a text to a number of columns, and shows that it did.
func cut(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	if width < 1 {
		return ""
	}
	return string([]rune(text)[:width-1]) + "…"
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(width-utf8.RuneCountInString(text), 0))
}

func rate(e Edge) string {
	if e.Protocol != "tcp" {
		return number(e.Rate, "/s")
	}
	for _, unit := range []string{"B/s", "kB/s", "MB/s"} {
		if e.Rate < 1000 {
			return number(e.Rate, " "+unit)
		}
		e.Rate /= 1000
	}
	return number(e.Rate, " GB/s")
}

func share(v float64) string {
	if math.IsNaN(v) {
		return "-"
	}
	if v == 0 || v == 1 {
		return fmt.Sprintf("%.0f %%", 100*v)
	}
	return fmt.Sprintf("%.1f %%", 100*v)
}

func seconds(v float64) string {
	switch {
	case math.IsNaN(v):
		return "-"
	case v < 1:
		return number(1000*v, " ms")
	default:
		return number(v, " s")
	}
}

// number writes a number so that small ones are not rounded away.
func number(v float64, unit string) string {
	switch {
	case math.IsNaN(v):
		return "-"
	case v >= 100:
		return fmt.Sprintf("%.0f%s", v, unit)
	case v >= 1:
		return fmt.Sprintf("%.1f%s", v, unit)
	default:
		return fmt.Sprintf("%.2g%s", v, unit)
	}
}
