package promql

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxQuote is how many bytes of foreign text an error message shows.
const maxQuote = 200

// brief makes the start of a foreign text fit for an error message: one line,
// printable, and at most maxQuote bytes, with an ellipsis if something was cut.
func brief(text string) string {
	var b strings.Builder
	space := false
	for _, r := range text {
		if unicode.IsSpace(r) {
			space = b.Len() > 0
			continue
		}
		if !unicode.IsPrint(r) {
			r = utf8.RuneError
		}
		if b.Len()+1+utf8.RuneLen(r) > maxQuote {
			b.WriteString("…")
			break
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
