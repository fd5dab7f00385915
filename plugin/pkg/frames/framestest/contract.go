// Package framestest checks frames against the contract of Grafana's node
// graph panel, for tests of all that makes such frames.
package framestest

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// TB is what the checks need of a test.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// drawLimit is how many nodes the panel draws.
const drawLimit = 200

var (
	safeID = regexp.MustCompile(`^[A-Za-z0-9._~/:-]+$`)
	hex    = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)
	dashes = regexp.MustCompile(`^([0-9]+( [0-9]+)*)?$`)
	// health is a verdict in a word, and why it is not a good one; empty without data.
	health = regexp.MustCompile(`^(Healthy|(Not Ready|Degraded|Failure)(: .+)?)?$`)
)

// units are what may stand behind a stat: the panel prints them as they are.
var units = []string{"req/s", "%", "ms", "B/s", "msg/s", "conn/s"}

// firstArcs are the healthy one of each legend: of outcomes, verdicts, errors,
// latency, security and changes, and of namespaces any.
var firstArcs = []string{
	"arc__2xx", "arc__healthy", "arc__no_errors", "arc__below_100ms", "arc__mtls", "arc__unchanged", "arc__namespace_0", "arc__no_namespace",
}

// icons are those of Grafana's names that are used.
var icons = []string{"", "cloud", "minus-circle", "question-circle"}

// CheckContract checks the answer to a query for a graph of at most limit
// nodes, point by point.
func CheckContract(t TB, frames data.Frames, limit int) {
	t.Helper()
	if len(frames) != 2 {
		t.Fatalf("want the nodes and the edges frame, got %d frames", len(frames))
	}
	nodes, edges := frames[0], frames[1]
	checkFrame(t, nodes, "nodes", nodeFields)
	checkFrame(t, edges, "edges", edgeFields)

	ids := checkIDs(t, nodes)
	checkIDs(t, edges)
	if len(ids) > limit || len(ids) > drawLimit {
		t.Errorf("%d nodes, want at most %d, and %d for the panel", len(ids), limit, drawLimit)
	}
	checkEnds(t, edges, ids)
	checkPlaces(t, nodes)
	checkRings(t, nodes)
	checkStats(t, nodes)
	checkStats(t, edges)
	checkText(t, edges, "color", hex.MatchString)
	checkText(t, edges, "strokedasharray", dashes.MatchString)
	checkText(t, nodes, "icon", func(s string) bool { return slices.Contains(icons, s) })
	checkText(t, nodes, "detail__health", health.MatchString)
	checkText(t, edges, "detail__health", health.MatchString)
	checkRange(t, nodes, "noderadius", 1, 200)
	checkRange(t, edges, "thickness", 0.5, 20)
}

// nodeFields and edgeFields must be there, even in an empty frame.
var (
	nodeFields = map[string]data.FieldType{
		"id": data.FieldTypeString, "title": data.FieldTypeString, "subtitle": data.FieldTypeString,
		"mainstat": data.FieldTypeNullableFloat64, "secondarystat": data.FieldTypeNullableFloat64,
		"icon":       data.FieldTypeString,
		"noderadius": data.FieldTypeFloat64, "highlighted": data.FieldTypeBool,
		"detail__health": data.FieldTypeString,
	}
	edgeFields = map[string]data.FieldType{
		"id": data.FieldTypeString, "source": data.FieldTypeString, "target": data.FieldTypeString,
		"mainstat": data.FieldTypeNullableFloat64, "secondarystat": data.FieldTypeNullableFloat64,
		"thickness": data.FieldTypeFloat64, "color": data.FieldTypeString, "strokedasharray": data.FieldTypeString,
		"detail__health": data.FieldTypeString,
	}
)

func checkFrame(t TB, f *data.Frame, name string, want map[string]data.FieldType) {
	t.Helper()
	if f.Name != name {
		t.Errorf("frame %q, want %q", f.Name, name)
	}
	if f.Meta == nil || f.Meta.PreferredVisualization != data.VisTypeNodeGraph {
		t.Errorf("%s: not meant for the node graph panel", name)
	}
	if _, err := f.RowLen(); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	for field, typ := range want {
		if got := fieldOf(t, f, field).Type(); got != typ {
			t.Errorf("%s.%s: %v, want %v", name, field, got, typ)
		}
	}
	seen := map[string]bool{}
	for _, field := range f.Fields {
		checkField(t, name, field)
		if seen[field.Name] {
			t.Errorf("%s.%s: twice", name, field.Name)
		}
		seen[field.Name] = true
	}
}

func checkField(t TB, frame string, f *data.Field) {
	t.Helper()
	at := frame + "." + f.Name
	if f.Name != strings.ToLower(f.Name) {
		t.Errorf("%s: not in lower case", at)
	}
	config := f.Config
	if config == nil {
		config = &data.FieldConfig{}
	}
	switch {
	case strings.HasPrefix(f.Name, "detail__"):
		// A zero would be hidden, and only displayName is read.
		if f.Type() != data.FieldTypeString || config.DisplayName == "" {
			t.Errorf("%s: a detail is a text with a DisplayName", at)
		}
	case strings.HasPrefix(f.Name, "arc__"):
		color, ok := config.Color["fixedColor"].(string)
		if config.Color["mode"] != "fixed" || !ok || !hex.MatchString(color) || config.DisplayName == "" {
			t.Errorf("%s: an arc has a DisplayName and a fixed colour", at)
		}
	}
	if strings.HasPrefix(f.Name, "link_") != (len(config.Links) == 1) || len(config.Links) > 1 {
		t.Errorf("%s: has %d links, want one in each field link_n, and none in others", at, len(config.Links))
	}
	for _, link := range config.Links {
		checkLink(t, at, f, link)
	}
}

var reference = regexp.MustCompile(`^\$\{__value\.raw(\.t[0-9]+)?:raw\}$`)

// checkLink checks that a link has no variable but the values of its own field,
// which hold it whole.
func checkLink(t TB, at string, f *data.Field, link data.DataLink) {
	t.Helper()
	if link.Title == "" || strings.Contains(link.Title, "$") {
		t.Errorf("%s: the link has the title %q", at, link.Title)
	}
	if (link.Internal == nil) != (f.Type() == data.FieldTypeString) {
		t.Errorf("%s: links to URLs are texts, and those to queries JSON", at)
	}
	if link.Internal == nil {
		if !reference.MatchString(link.URL) {
			t.Errorf("%s: the link is %q", at, link.URL)
		}
		for i := range f.Len() {
			if u, ok := f.At(i).(string); !ok || u != link.URL && (strings.ContainsAny(u, " \n\"$") || !strings.HasPrefix(u, "/") && !strings.HasPrefix(u, "http")) {
				t.Errorf("%s: the link of row %d is %q", at, i, f.At(i))
			}
		}
		return
	}
	if link.URL != "" || link.Internal.DatasourceUID == "" {
		t.Errorf("%s: the link is to %q of %q", at, link.URL, link.Internal.DatasourceUID)
	}
	raw, err := json.Marshal(link.Internal.Query)
	if err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	var query any
	if err := json.Unmarshal(raw, &query); err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	checkReferences(t, at, query)
}

func checkReferences(t TB, at string, value any) {
	t.Helper()
	switch v := value.(type) {
	case string:
		if strings.Contains(v, "${") && !reference.MatchString(v) {
			t.Errorf("%s: the text %q is not a value as a whole", at, v)
		}
	case map[string]any:
		for name, one := range v {
			checkReferences(t, at+"."+name, one)
		}
	case []any:
		for _, one := range v {
			checkReferences(t, at, one)
		}
	}
}

// checkIDs checks that ids are unique, in order and safe to refer to.
func checkIDs(t TB, f *data.Frame) map[string]bool {
	t.Helper()
	ids := map[string]bool{}
	last := ""
	for id := range texts(t, f, "id") {
		if !safeID.MatchString(id) {
			t.Errorf("%s: id %q has characters that a reference may not have", f.Name, id)
		}
		if _, err := strconv.Atoi(id); err == nil {
			t.Errorf("%s: id %q looks like an index", f.Name, id)
		}
		if id <= last {
			t.Errorf("%s: id %q comes after %q", f.Name, id, last)
		}
		last = id
		ids[id] = true
	}
	return ids
}

func checkEnds(t TB, edges *data.Frame, nodes map[string]bool) {
	t.Helper()
	source, target := fieldOf(t, edges, "source"), fieldOf(t, edges, "target")
	pairs := map[[2]string]bool{}
	for i := range source.Len() {
		pair := [2]string{source.At(i).(string), target.At(i).(string)}
		if !nodes[pair[0]] || !nodes[pair[1]] {
			t.Errorf("edge %v has an end without a node, which crashes the panel", pair)
		}
		if pair[0] == pair[1] {
			t.Errorf("edge %v has no length", pair)
		}
		if pairs[pair] {
			t.Errorf("edge %v is drawn twice", pair)
		}
		pairs[pair] = true
	}
}

// checkRings checks that arcs make a whole ring, or none; without arcs there
// is a colour, and beside them none, which the legend would show for nothing.
func checkRings(t TB, nodes *data.Frame) {
	t.Helper()
	var arcs []*data.Field
	for _, f := range nodes.Fields {
		if strings.HasPrefix(f.Name, "arc__") {
			arcs = append(arcs, f)
		}
	}
	if len(arcs) > 0 && !slices.Contains(firstArcs, arcs[0].Name) {
		t.Errorf("the first arc is %s, want the healthy one", arcs[0].Name)
	}
	color, at := nodes.FieldByName("color")
	if (at < 0) != (len(arcs) > 0) {
		t.Errorf("%d arcs, and the color is field %d: want one or the other", len(arcs), at)
	}
	if color != nil {
		checkText(t, nodes, "color", hex.MatchString)
	}
	for i := range nodes.Rows() {
		sum := 0.0
		for _, arc := range arcs {
			part := arc.At(i).(float64)
			if !(part >= 0 && part <= 1) {
				t.Errorf("%s of row %d is %v", arc.Name, i, part)
			}
			sum += part
		}
		if sum != 0 && sum != 1 {
			t.Errorf("the arcs of row %d sum to %v, want exactly 1 or 0", i, sum)
		}
	}
}

func checkStats(t TB, f *data.Frame) {
	t.Helper()
	if main := fieldOf(t, f, "mainstat"); main.Config == nil || main.Config.Unit == "" {
		t.Errorf("%s.mainstat: without a unit", f.Name)
	}
	for _, name := range []string{"mainstat", "secondarystat"} {
		field := fieldOf(t, f, name)
		if field.Config != nil && field.Config.Unit != "" && !slices.Contains(units, field.Config.Unit) {
			t.Errorf("%s.%s: unit %q is not one to be read as it is", f.Name, name, field.Config.Unit)
		}
		for i := range field.Len() {
			if v := field.At(i).(*float64); v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
				t.Errorf("%s.%s of row %d is %v", f.Name, name, i, *v)
			}
		}
	}
}

func checkText(t TB, f *data.Frame, name string, ok func(string) bool) {
	t.Helper()
	for text := range texts(t, f, name) {
		if !ok(text) {
			t.Errorf("%s.%s is %q", f.Name, name, text)
		}
	}
}

func checkRange(t TB, f *data.Frame, name string, least, most float64) {
	t.Helper()
	field := fieldOf(t, f, name)
	for i := range field.Len() {
		if v := field.At(i).(float64); !(v >= least && v <= most) {
			t.Errorf("%s.%s of row %d is %v, want %v to %v", f.Name, name, i, v, least, most)
		}
	}
}
