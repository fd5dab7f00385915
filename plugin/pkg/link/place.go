package link

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Formats of names.
const (
	regex  = "regex"  // matches the name and nothing else
	quoted = "quoted" // escaped for double quotes, in a URL
)

// names are what is known of a node; those of the ends of an edge have "source."
// or "target." before.
var names = []string{"cluster", "namespace", "kind", "name", "workload", "app", "version", "service"}

// times are what is known of the range: its ends in milliseconds, how long it is
// in seconds, and its ends as the dashboards of Grafana have them in a URL.
var times = []string{"__from", "__to", "__range_s", "__url_time_range"}

// place is a placeholder, and where it stands in a text.
type place struct {
	name, format string
	isTime       bool
	in           context
	isRegex      bool // the quotes are a regular expression's
	begin, end   int
}

// context is what is around a placeholder in the text of a query.
type context int

const (
	inNames  context = iota // a text of names alone
	inQuotes                // double quotes
	inOther
)

func placeOf(written string) place {
	name, format, _ := strings.Cut(written, ":")
	return place{name: name, format: format, isTime: slices.Contains(times, name)}
}

func (p place) check(on On) error {
	if p.isTime && p.format == "" {
		return nil
	}
	if !slices.Contains([]string{"", regex, quoted}, p.format) {
		return fmt.Errorf("${%s:%s}: %s is no format, formats are regex, quoted", p.name, p.format, p.format)
	}
	name := p.name
	if on == Edge {
		end := ""
		if end, name, _ = strings.Cut(name, "."); end != "source" && end != "target" {
			name = ""
		}
	}
	if !slices.Contains(names, name) {
		of := strings.Join(names, ", ")
		if on == Edge {
			of = "source. or target. and one of " + of
		}
		return fmt.Errorf("${%s} is not known: want %s, or one of %s", p.name, of, strings.Join(times, ", "))
	}
	return nil
}

// plain are the characters of names, and what stands between them.
var plain = regexp.MustCompile(`^[A-Za-z0-9._:/ -]*$`)

// places finds the placeholders of a text, and what is around them: strings and
// comments are those of PromQL, LogQL and TraceQL.
func places(s string) (all []place) {
	around := inOther
	if plain.MatchString(placeholder.ReplaceAllString(s, "")) {
		around = inNames
	}
	var open byte // the quotes that are open, '#' in a comment, 0 for none
	begin := 0    // where they were opened
	for i := 0; i < len(s); i++ {
		if found := placeholder.FindStringSubmatchIndex(s[i:]); found != nil && found[0] == 0 {
			p := placeOf(s[i+found[2] : i+found[3]])
			p.begin, p.end, p.in = i, i+found[1], around
			if open != 0 {
				p.in = inOther
			}
			if open == '"' {
				p.in = inQuotes
				before := strings.TrimRight(s[:begin], " \t\n")
				p.isRegex = strings.HasSuffix(before, "=~") || strings.HasSuffix(before, "!~")
			}
			all = append(all, p)
			i = p.end - 1
			continue
		}
		switch c := s[i]; {
		case open == 0 && (c == '"' || c == '\'' || c == '`' || c == '#'):
			open, begin = c, i
		case open == '#' && c == '\n', open != 0 && c == open && c != '#':
			open = 0
		case (open == '"' || open == '\'') && c == '\\':
			i++
		}
	}
	return all
}
