package framestest

import (
	"iter"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

func fieldOf(t TB, f *data.Frame, name string) *data.Field {
	t.Helper()
	field, at := f.FieldByName(name)
	if at < 0 {
		t.Fatalf("%s: no field %s", f.Name, name)
	}
	return field
}

func texts(t TB, f *data.Frame, name string) iter.Seq[string] {
	t.Helper()
	field := fieldOf(t, f, name)
	return func(yield func(string) bool) {
		for i := range field.Len() {
			if !yield(field.At(i).(string)) {
				return
			}
		}
	}
}

// Row is what a frame says of the row with that id, by field; nil if there is none.
func Row(t TB, f *data.Frame, id string) map[string]any {
	t.Helper()
	at := 0
	for other := range texts(t, f, "id") {
		if other == id {
			row := map[string]any{}
			for _, field := range f.Fields {
				value, ok := field.ConcreteAt(at)
				if ok {
					row[field.Name] = value
				}
			}
			return row
		}
		at++
	}
	return nil
}

// ColorOf is the colour that a row is drawn in: of the arc that is all around a
// node, or else of the field for that; "" where a node has a ring of several.
func ColorOf(t TB, f *data.Frame, id string) string {
	t.Helper()
	row := Row(t, f, id)
	for _, field := range f.Fields {
		if strings.HasPrefix(field.Name, "arc__") && row[field.Name] == 1.0 {
			return field.Config.Color["fixedColor"].(string)
		}
	}
	color, _ := row["color"].(string)
	return color
}

// IDs are the ids of a frame's rows.
func IDs(t TB, f *data.Frame) []string {
	t.Helper()
	var ids []string
	for id := range texts(t, f, "id") {
		ids = append(ids, id)
	}
	return ids
}

// Places returns where the nodes of a graph are, by their ids.
func Places(t TB, made data.Frames) map[string][2]float64 {
	t.Helper()
	at := map[string][2]float64{}
	for _, id := range IDs(t, made[0]) {
		row := Row(t, made[0], id)
		at[id] = [2]float64{row["fixedx"].(float64), row["fixedy"].(float64)}
	}
	return at
}
