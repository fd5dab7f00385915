package framestest

import (
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/grafana/dataplane/sdata/numeric"
	"github.com/grafana/dataplane/sdata/reader"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// valueFormats are those of Grafana's names of units that columns may have, and
// the greatest number that such a column holds.
var valueFormats = map[string]float64{
	"reqps": math.MaxFloat64, "percentunit": 1, "s": math.MaxFloat64, "Bps": math.MaxFloat64, "mps": math.MaxFloat64, "cps": math.MaxFloat64,
}

var (
	columnName  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	nameColumns = []string{"cluster", "namespace", "kind", "name"}
	nodeNames   = append(slices.Clone(nameColumns), "workload", "app", "version")
	edgeNames   = slices.Concat(prefixed("source_", nodeNames), prefixed("target_", nodeNames), []string{"protocol", "services"})
)

func prefixed(prefix string, names []string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = prefix + name
	}
	return all
}

// CheckNodeTable checks the answer to a query for at most limit nodes, as
// Grafana's table panel and its transformations read it.
func CheckNodeTable(t TB, frames data.Frames, limit int) {
	t.Helper()
	f := onlyFrame(t, frames, "nodes", limit)
	checkTexts(t, f, append(slices.Clone(nodeNames), "cause", "fault", "pods"))
	for _, stat := range []string{"request_rate", "error_ratio", "tcp_rate", "mtls"} {
		checkNumbers(t, f, stat+"_in")
		checkNumbers(t, f, stat+"_out")
	}
	checkTable(t, f)
}

// CheckEdgeTable checks the answer to a query for at most limit edges.
func CheckEdgeTable(t TB, frames data.Frames, limit int) {
	t.Helper()
	f := onlyFrame(t, frames, "edges", limit)
	checkTexts(t, f, append(slices.Clone(edgeNames), "cause"))
	for _, stat := range []string{"request_rate", "error_ratio", "tcp_rate", "mtls"} {
		checkNumbers(t, f, stat)
	}
	checkTable(t, f)
}

func checkTable(t TB, f *data.Frame) {
	t.Helper()
	if f.Meta.Type != data.FrameTypeTable {
		t.Errorf("%s: is of type %q, want a table", f.Name, f.Meta.Type)
	}
	checkHealth(t, f, "health")
	checkHealth(t, f, "worst_health")
	worst, now := fieldOf(t, f, "worst_health"), fieldOf(t, f, "health")
	for i := range f.Rows() {
		before, ok := worst.ConcreteAt(i)
		if is, known := now.ConcreteAt(i); ok && known && before.(float64) < is.(float64) {
			t.Errorf("row %d was %v at worst, and is %v", i, before, is)
		}
	}
	seen := map[string]bool{}
	for id := range texts(t, f, "id") {
		if seen[id] {
			t.Errorf("%s: id %q is there twice", f.Name, id)
		}
		seen[id] = true
	}
	for _, field := range f.Fields {
		checkColumn(t, f.Name, field)
	}
	checkWorstFirst(t, f)
}

// CheckVerdicts checks the answer to a query for at most limit verdicts by
// Grafana's own reader of what is alerted on, and as one who alerts wants it.
func CheckVerdicts(t TB, frames data.Frames, limit int) {
	t.Helper()
	f := onlyFrame(t, frames, "health", limit)
	if typ, err := reader.CanReadBasedOnMeta(frames); err != nil || typ != data.FrameTypeNumericLong {
		t.Fatalf("alerting reads %q: %v", typ, err)
	}
	read, err := numeric.CollectionReaderFromFrames(frames)
	if err != nil {
		t.Fatalf("alerting: %v", err)
	}
	found, err := read.GetCollection(false)
	if err != nil || found.Warning != nil {
		t.Fatalf("alerting: %v, %v", err, found.Warning)
	}
	if found.NoData() != (f.Rows() == 0) || found.NoData() != (len(f.Fields) == 0) {
		t.Errorf("%d rows of %d fields are read as no data: %v", f.Rows(), len(f.Fields), found.NoData())
	}
	if len(found.Refs) != f.Rows() {
		t.Errorf("%d rows are read as %d numbers", f.Rows(), len(found.Refs))
	}
	instances := map[string]bool{}
	for _, ref := range found.Refs {
		value, empty, err := ref.NullableFloat64Value()
		if err != nil || empty || value == nil || !slices.Contains([]float64{0, 1, 2, 3}, *value) {
			t.Errorf("%s is %v (%v), want a verdict", ref.GetLabels(), value, err)
		}
		if ref.GetMetricName() != "health" {
			t.Errorf("the number is %q, want health", ref.GetMetricName())
		}
		if instance := ref.GetLabels().String(); instances[instance] {
			t.Errorf("{%s} is there twice, which Grafana refuses", instance)
		} else {
			instances[instance] = true
		}
		for name := range ref.GetLabels() {
			// What changes while an alert is pending would make another of it.
			plain := strings.TrimPrefix(strings.TrimPrefix(name, "source_"), "target_")
			if !slices.Contains(nameColumns, plain) {
				t.Errorf("the label %q is no part of a name", name)
			}
		}
	}
	for _, field := range f.Fields {
		checkColumn(t, f.Name, field)
	}
	if f.Rows() > 0 {
		checkHealth(t, f, "health")
		checkWorstFirst(t, f)
	}
}

func onlyFrame(t TB, frames data.Frames, name string, limit int) *data.Frame {
	t.Helper()
	if len(frames) != 1 {
		t.Fatalf("want one frame, got %d", len(frames))
	}
	f := frames[0]
	if f.Name != name {
		t.Errorf("frame %q, want %q", f.Name, name)
	}
	if f.Meta == nil || f.Meta.PreferredVisualization != data.VisTypeTable {
		t.Fatalf("%s: not meant for tables: %+v", name, f.Meta)
	}
	if rows, err := f.RowLen(); err != nil || rows > limit {
		t.Errorf("%s: %d rows, want at most %d: %v", name, rows, limit, err)
	}
	seen := map[string]bool{}
	for _, field := range f.Fields {
		if seen[field.Name] || !columnName.MatchString(field.Name) {
			t.Errorf("%s.%s: is there twice, or no name of a column", name, field.Name)
		}
		seen[field.Name] = true
	}
	return f
}

// checkColumn checks that a column has a title of its own, and only values
// that a panel can sort and an expression can compare.
func checkColumn(t TB, frame string, f *data.Field) {
	t.Helper()
	at := frame + "." + f.Name
	if f.Config == nil || f.Config.DisplayNameFromDS == "" || f.Config.DisplayName != "" {
		t.Fatalf("%s: wants a name for display that a panel may change", at)
	}
	if len(f.Labels) > 0 {
		t.Errorf("%s: a column has no labels", at)
	}
	if f.Type() == data.FieldTypeString {
		if f.Config.Unit != "" {
			t.Errorf("%s: a text in %s", at, f.Config.Unit)
		}
		return
	}
	if f.Type() != data.FieldTypeNullableFloat64 {
		t.Fatalf("%s: %v, want texts and numbers", at, f.Type())
	}
	most, known := valueFormats[f.Config.Unit]
	if len(f.Config.Mappings) > 0 {
		most, known = 3, f.Config.Unit == ""
	}
	if !known {
		t.Errorf("%s: has the unit %q, which is none of Grafana's", at, f.Config.Unit)
	}
	for i := range f.Len() {
		if v, ok := f.ConcreteAt(i); ok && !(v.(float64) >= 0 && v.(float64) <= most) {
			t.Errorf("%s of row %d is %v", at, i, v)
		}
	}
}

func checkTexts(t TB, f *data.Frame, names []string) {
	t.Helper()
	for _, name := range names {
		if got := fieldOf(t, f, name).Type(); got != data.FieldTypeString {
			t.Errorf("%s.%s: %v, want texts", f.Name, name, got)
		}
	}
}

func checkNumbers(t TB, f *data.Frame, name string) {
	t.Helper()
	field := fieldOf(t, f, name)
	if field.Type() != data.FieldTypeNullableFloat64 || field.Config.Unit == "" {
		t.Errorf("%s.%s: %v in %q, want numbers with a unit", f.Name, name, field.Type(), field.Config.Unit)
	}
}

// checkHealth checks that a column has verdicts, and a word for each.
func checkHealth(t TB, f *data.Frame, name string) {
	t.Helper()
	field := fieldOf(t, f, name)
	if len(field.Config.Mappings) != 1 {
		t.Fatalf("%s.%s: no words for verdicts", f.Name, name)
	}
	words, ok := field.Config.Mappings[0].(data.ValueMapper)
	for value, want := range map[string]string{"0": "Healthy", "1": "Not Ready", "2": "Degraded", "3": "Failure"} {
		if !ok || words[value].Text != want || !hex.MatchString(words[value].Color) {
			t.Errorf("%s.%s: %s is called %+v, want %s with a colour", f.Name, name, value, words[value], want)
		}
	}
	for i := range field.Len() {
		if v, known := field.ConcreteAt(i); known && v.(float64) != math.Trunc(v.(float64)) {
			t.Errorf("%s.%s of row %d is %v", f.Name, name, i, v)
		}
	}
}

// checkWorstFirst checks the order of rows, by which a limit cuts.
func checkWorstFirst(t TB, f *data.Frame) {
	t.Helper()
	field, last := fieldOf(t, f, "health"), math.Inf(1)
	for i := range field.Len() {
		now := -1.0
		if v, ok := field.ConcreteAt(i); ok {
			now = v.(float64)
		}
		if now > last {
			t.Errorf("%s: row %d is worse than the one before", f.Name, i)
		}
		last = now
	}
}
