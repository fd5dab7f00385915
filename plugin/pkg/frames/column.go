package frames

import "github.com/grafana/grafana-plugin-sdk-go/data"

// column is one field of a frame: its name, how it is shown, and where its
// values come from. The panel reads names in lower case.
type column[Row any] struct {
	name   string
	config data.FieldConfig
	values func(rows []Row) any // a slice of a type that data.NewField knows
}

// text is a column of strings.
func text[Row any](name, label string, of func(Row) string) column[Row] {
	return column[Row]{name, labelled(label), func(rows []Row) any { return each(rows, of) }}
}

// number is a column of numbers that every row has.
func number[Row any](name, label string, of func(Row) float64) column[Row] {
	return column[Row]{name, labelled(label), func(rows []Row) any { return each(rows, of) }}
}

// stat is a column of numbers that a row may lack.
func stat[Row any](name, label, unit string, of func(Row) (float64, bool)) column[Row] {
	config := labelled(label)
	config.Unit = unit
	return column[Row]{name, config, func(rows []Row) any {
		present := make([]float64, len(rows))
		values := make([]*float64, len(rows))
		for i, row := range rows {
			if v, ok := of(row); ok {
				present[i] = v
				values[i] = &present[i]
			}
		}
		return values
	}}
}

// flag is a column of booleans.
func flag[Row any](name, label string, of func(Row) bool) column[Row] {
	return column[Row]{name, labelled(label), func(rows []Row) any { return each(rows, of) }}
}

// painted is the column with a colour of its own, as an arc of the ring has it.
func (c column[Row]) painted(hex string) column[Row] {
	c.config.Color = map[string]any{"mode": "fixed", "fixedColor": hex}
	return c
}

// labelled is a configuration with a label: the panel reads DisplayName alone.
func labelled(label string) data.FieldConfig { return data.FieldConfig{DisplayName: label} }

func each[Row, Value any](rows []Row, of func(Row) Value) []Value {
	values := make([]Value, len(rows))
	for i, row := range rows {
		values[i] = of(row)
	}
	return values
}

func frame[Row any](name string, columns []column[Row], rows []Row) *data.Frame {
	f := &data.Frame{Name: name, Fields: make([]*data.Field, len(columns))}
	for i, c := range columns {
		f.Fields[i] = data.NewField(c.name, nil, c.values(rows))
		f.Fields[i].Config = &c.config
	}
	return f
}
