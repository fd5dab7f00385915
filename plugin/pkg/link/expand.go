package link

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/meshscope/meshscope/exporter/topology"
)

// Values are names by placeholder; what is not known is absent or empty.
type Values map[string]string

// Range tells of an interval by the placeholders of times.
func (v Values) Range(iv topology.Interval) {
	from, to := iv.End.Add(-iv.Length).UnixMilli(), iv.End.UnixMilli()
	v["__from"], v["__to"] = strconv.FormatInt(from, 10), strconv.FormatInt(to, 10)
	v["__range_s"] = strconv.FormatInt(int64(iv.Length.Seconds()), 10)
	v["__url_time_range"] = fmt.Sprintf("from=%d&to=%d", from, to)
}

// Fits tells that the link is on what is of that kind.
func (t Template) Fits(kind topology.Kind) bool {
	return len(t.Kinds) == 0 || slices.Contains(t.Kinds, kind)
}

// Texts is how many texts of the query have names in them.
func (t Template) Texts() int { return len(t.texts) }

// ExpandURL is the URL with names put in; ok is false where one is not known, or
// would be no name where it stands.
func (t Template) ExpandURL(v Values) (link string, ok bool) {
	var b strings.Builder
	at := 0
	for _, found := range placeholder.FindAllStringSubmatchIndex(t.URL, -1) {
		b.WriteString(t.URL[at:found[0]])
		at = found[1]
		p := placeOf(t.URL[found[2]:found[3]])
		value := v[p.name]
		switch {
		case value == "" || !utf8.ValidString(value):
			return "", false
		case p.isTime:
			b.WriteString(value)
			continue
		case strings.Trim(value, ".") == "":
			return "", false // in a path, dots go up
		case p.format == quoted:
			value = Quoted(value)
		}
		b.WriteString(strings.ReplaceAll(url.QueryEscape(value), "+", "%20"))
	}
	b.WriteString(t.URL[at:])
	return b.String(), true
}

// Expand are the texts of the query with names put in.
func (t Template) Expand(v Values) (texts []string, ok bool) {
	for _, of := range t.texts {
		text, ok := expand(of.text, v)
		if !ok {
			return nil, false
		}
		texts = append(texts, text)
	}
	return texts, true
}

// With is the query with other texts in place of those that have names in them.
func (t Template) With(text func(i int) string) map[string]any {
	query := clone(t.Query).(map[string]any)
	for i, of := range t.texts {
		put(query, of.path, text(i))
	}
	return query
}

// isName tells what may stand for itself outside of quotes.
var isName = regexp.MustCompile(`^[A-Za-z0-9._:/-]+$`)

func expand(text string, v Values) (string, bool) {
	var b strings.Builder
	at := 0
	for _, p := range places(text) {
		b.WriteString(text[at:p.begin])
		at = p.end
		value := v[p.name]
		if value == "" || !utf8.ValidString(value) {
			return "", false
		}
		switch {
		case p.isTime:
		case p.in == inQuotes:
			if p.format == regex {
				value = regexp.QuoteMeta(value)
			}
			value = Quoted(value)
		case !isName.MatchString(value):
			return "", false
		}
		b.WriteString(value)
	}
	b.WriteString(text[at:])
	return b.String(), true
}

// Quoted is a text as it stands in double quotes, in JSON as in PromQL, LogQL
// and TraceQL. Grafana sees no variable in it.
func Quoted(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f || r == utf8.RuneError || r == '$' || r == '[' || r == '`':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func clone(value any) any {
	switch v := value.(type) {
	case map[string]any:
		c := make(map[string]any, len(v))
		for name, one := range v {
			c[name] = clone(one)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, one := range v {
			c[i] = clone(one)
		}
		return c
	}
	return value
}

// put sets the text at a path that there is.
func put(value any, path []string, text string) any {
	if len(path) == 0 {
		return text
	}
	switch v := value.(type) {
	case map[string]any:
		v[path[0]] = put(v[path[0]], path[1:], text)
	case []any:
		i, _ := strconv.Atoi(path[0])
		v[i] = put(v[i], path[1:], text)
	}
	return value
}
