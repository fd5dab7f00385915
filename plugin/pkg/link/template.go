package link

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// On is what a link is on.
type On string

// What links are on.
const (
	Node On = "node"
	Edge On = "edge"
)

// maxLinks is how many a menu can hold, and a frame should.
const maxLinks = 50

// Template is a link with placeholders for names: to a URL, or to a query in
// Explore.
type Template struct {
	Title string
	On    On
	// Kinds are those of the node, or of the one that an edge ends in; empty is all.
	Kinds []topology.Kind
	// URL is empty of a link to a query.
	URL string
	// DatasourceUID and Query are where a query is asked, and the query as that
	// data source stores it.
	DatasourceUID string
	Query         map[string]any
	// texts are the texts of the query with placeholders, by where they stand.
	texts []text
}

// text is a text within a query.
type text struct {
	path []string
	text string
}

// stored is a link as the settings have it.
type stored struct {
	Title    string          `json:"title"`
	On       On              `json:"on"`
	Kinds    []topology.Kind `json:"kinds"`
	URL      string          `json:"url"`
	Internal *struct {
		DatasourceUID string         `json:"datasourceUid"`
		Query         map[string]any `json:"query"`
	} `json:"internal"`
}

// Parse reads links as settings have them. The error joins all that is wrong,
// by the number and the title of a link.
func Parse(raw json.RawMessage) ([]Template, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var all []json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, errors.New("want a list of links")
	}
	if len(all) > maxLinks {
		return nil, fmt.Errorf("%d links are too many, want at most %d", len(all), maxLinks)
	}
	var templates []Template
	var problems []error
	for i, one := range all {
		t, title, err := parse(one)
		if err != nil {
			problems = append(problems, fmt.Errorf("link %d (%q): %w", i+1, title, err))
		}
		templates = append(templates, t)
	}
	return templates, errors.Join(problems...)
}

func parse(raw json.RawMessage) (t Template, title string, err error) {
	var in stored
	strict := json.NewDecoder(bytes.NewReader(raw))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&in); err != nil {
		return Template{}, "", errors.New("is not an object of title, on, kinds and either url or internal (datasourceUid, query)")
	}
	t = Template{Title: in.Title, On: in.On, Kinds: in.Kinds, URL: in.URL}
	if err := t.checkTitle(); err != nil {
		return t, in.Title, err
	}
	if t.On != Node && t.On != Edge {
		return t, in.Title, fmt.Errorf("on: %q is not allowed, allowed are node, edge", t.On)
	}
	for _, kind := range t.Kinds {
		if !slices.Contains(kinds, kind) {
			return t, in.Title, fmt.Errorf("kinds: %q is not allowed, allowed are %v", kind, kinds)
		}
	}
	switch {
	case (in.URL == "") == (in.Internal == nil):
		return t, in.Title, errors.New("want either url or internal")
	case in.Internal == nil:
		return t, in.Title, t.checkURL()
	case in.Internal.DatasourceUID == "" || strings.ContainsAny(in.Internal.DatasourceUID, "$["):
		return t, in.Title, errors.New("internal.datasourceUid: want the UID of a data source")
	case len(in.Internal.Query) == 0:
		return t, in.Title, errors.New("internal.query: want the query as the data source stores it")
	}
	t.DatasourceUID, t.Query = in.Internal.DatasourceUID, in.Internal.Query
	return t, in.Title, t.collect(nil, t.Query)
}

var kinds = []topology.Kind{
	topology.KindWorkload, topology.KindApp, topology.KindService, topology.KindNamespace, topology.KindCluster, topology.KindUnknown,
}

// checkTitle keeps to what menus show: Grafana puts what is before a slash above
// a group, and variables into the rest.
func (t Template) checkTitle() error {
	switch {
	case strings.TrimSpace(t.Title) == "":
		return errors.New("title: is empty")
	case strings.Contains(t.Title, "$") || strings.Contains(t.Title, "[["):
		return errors.New("title: has no placeholders")
	case strings.Count(t.Title, "/") > 1:
		return errors.New("title: has more than one slash, which is for a group: Logs/Of the pods")
	}
	return nil
}

var (
	placeholder = regexp.MustCompile(`\$\{([^}]*)\}`)
	authority   = regexp.MustCompile(`^(https?://[^/?#${}\s]+|/[^/\\]|/$)`)
	blank       = regexp.MustCompile(`[\x00-\x20\x7f]`)
)

func (t Template) checkURL() error {
	if !authority.MatchString(t.URL) {
		return errors.New("url: want https://host/…, or /… in this Grafana; names may not stand in the host")
	}
	if host := authority.FindString(t.URL); strings.HasPrefix(host, "http") {
		if rest := t.URL[len(host):]; rest != "" && !strings.ContainsRune("/?#", rune(rest[0])) {
			return errors.New("url: names may not stand in the host")
		}
	}
	if blank.MatchString(t.URL) {
		return errors.New("url: has blanks or control characters")
	}
	for _, found := range placeholder.FindAllStringSubmatch(t.URL, -1) {
		p := placeOf(found[1])
		if err := p.check(t.On); err != nil {
			return fmt.Errorf("url: %w", err)
		}
		if p.format != "" && p.format != quoted {
			return fmt.Errorf("url: ${%s}: a URL has names percent-encoded, or within the quotes of a query with :quoted", found[1])
		}
	}
	return nil
}

// collect finds and checks the texts of a query that have placeholders.
func (t *Template) collect(path []string, value any) error {
	switch v := value.(type) {
	case string:
		if !strings.Contains(v, "$") {
			return nil
		}
		if err := t.checkText(v); err != nil {
			return fmt.Errorf("internal.query.%s: %w", strings.Join(path, "."), err)
		}
		if placeholder.MatchString(v) {
			t.texts = append(t.texts, text{slices.Clone(path), v})
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if err := t.collect(append(path, name), v[name]); err != nil {
				return err
			}
		}
	case []any:
		for i, one := range v {
			if err := t.collect(append(path, fmt.Sprint(i)), one); err != nil {
				return err
			}
		}
	}
	return nil
}

// ofGrafana are variables that a data source fills in when the query runs.
var ofGrafana = regexp.MustCompile(`\$__(rate_interval|interval|interval_ms|range|range_s|range_ms|auto)\b`)

func (t *Template) checkText(s string) error {
	if rest := ofGrafana.ReplaceAllString(placeholder.ReplaceAllString(s, ""), ""); strings.Contains(rest, "$") {
		return errors.New("has a $ that is neither ${name} nor one of $__rate_interval, $__interval, $__range, $__auto")
	}
	for _, at := range places(s) {
		if err := at.check(t.On); err != nil {
			return err
		}
		switch name := "${" + at.name + "}"; {
		case at.isTime:
		case at.format == quoted:
			return fmt.Errorf("%s:quoted is for URLs: names in a query are quoted by where they stand", name)
		case at.in == inQuotes && at.isRegex && at.format != regex:
			return fmt.Errorf("%s stands in a regular expression: write ${%s:regex}", name, at.name)
		case at.in == inOther:
			return fmt.Errorf("%s stands in no double quotes: names may stand in these, or in a text of names alone", name)
		case at.in == inNames && at.format != "":
			return fmt.Errorf("%s: formats are for names in double quotes", name)
		}
	}
	return nil
}
