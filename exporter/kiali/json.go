package kiali

import (
	"bytes"
	"encoding/json"
	"strings"
)

// object writes a JSON object, one field after the other. It is used instead of
// encoding/json because an answer has thousands of small objects whose fields
// are known: writing them takes a quarter of the time.
type object struct{ text []byte }

func (o *object) open()  { o.text = append(o.text, '{') }
func (o *object) close() { o.text = append(o.text, '}') }

// name begins a field.
func (o *object) name(name string) {
	if last := o.text[len(o.text)-1]; last != '{' {
		o.text = append(o.text, ',')
	}
	o.value(name)
	o.text = append(o.text, ':')
}

// field is a text, left out where it is empty.
func (o *object) field(name, value string) {
	if value != "" {
		o.must(name, value)
	}
}

// must is a text that is there even where it is empty.
func (o *object) must(name, value string) {
	o.name(name)
	o.value(value)
}

// flag is true, or left out.
func (o *object) flag(name string, is bool) {
	if is {
		o.name(name)
		o.text = append(o.text, "true"...)
	}
}

func (o *object) null(name string) {
	o.name(name)
	o.text = append(o.text, "null"...)
}

// number is a number as Kiali has it, in a text.
func (o *object) number(name string, v float64, decimals int) {
	o.name(name)
	o.text = append(o.text, '"')
	o.text = appendNumber(o.text, v, decimals)
	o.text = append(o.text, '"')
}

// percent is a part of a whole.
func (o *object) percent(name string, part, whole float64) {
	if whole > 0 {
		o.number(name, 100*part/whole, 1)
	}
}

// quantity is a number that is one in JSON, too, without zeros at its end.
func (o *object) quantity(name string, v float64) {
	const decimals = 6
	o.name(name)
	o.text = appendNumber(o.text, v, decimals)
	o.text = bytes.TrimRight(o.text, "0")
	o.text = bytes.TrimSuffix(o.text, []byte("."))
}

// texts is a list of texts.
func (o *object) texts(name string, values []string) {
	o.name(name)
	o.text = append(o.text, '[')
	for i, value := range values {
		if i > 0 {
			o.text = append(o.text, ',')
		}
		o.value(value)
	}
	o.text = append(o.text, ']')
}

// list writes a list of objects.
func (o *object) list(n int, element func(i int)) {
	o.text = append(o.text, '[')
	for i := range n {
		if i > 0 {
			o.text = append(o.text, ',')
		}
		o.open()
		element(i)
		o.close()
	}
	o.text = append(o.text, ']')
}

// within is an object within this one.
func (o *object) within(name string, fields func()) {
	o.name(name)
	o.open()
	fields()
	o.close()
}

// value writes a text as a JSON string.
func (o *object) value(text string) {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			o.text = append(o.text, quoted(text)...)
			return
		}
	}
	o.text = append(o.text, '"')
	o.text = append(o.text, text...)
	o.text = append(o.text, '"')
}

// quoted is a text that has something to escape.
func quoted(text string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}
