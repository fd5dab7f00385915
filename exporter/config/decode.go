package config

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A position is where something stands in the file.
type position struct{ line, column int }

// A decoder fills Go values from YAML nodes. Unlike the YAML library's own decoding it reports every problem, each with
// its line and key path, and remembers where each key was found, for checks that come later.
type decoder struct {
	problems []Problem
	// at has the position of each key in the file by its path, failed those whose value is not usable.
	at     map[string]position
	failed map[string]bool
}

func newDecoder() *decoder {
	return &decoder{at: make(map[string]position), failed: make(map[string]bool)}
}

// fail reports a problem with the value n of the key at path. That of a mapping or list is put at its key, because n
// itself begins with the first key or item in it.
func (d *decoder) fail(n *yaml.Node, path, format string, args ...any) {
	pos := position{n.Line, n.Column}
	if key, ok := d.at[path]; ok && n.Kind != yaml.ScalarNode {
		pos = key
	}
	d.failed[path] = true
	d.problems = append(d.problems, Problem{
		Line: pos.line, Column: pos.column, Key: path, Message: fmt.Sprintf(format, args...),
	})
}

// decode stores n in v. Structs, maps and lists without a value keep what v holds.
func (d *decoder) decode(n *yaml.Node, v reflect.Value, path string) {
	if _, ok := d.at[path]; !ok {
		d.at[path] = position{n.Line, n.Column}
	}
	if v.Type() == httpClientConfig {
		d.httpClient(n, v, path)
		return
	}
	if read, ok := leaves[v.Type()]; ok {
		d.leaf(n, v, path, read)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.section(n, v, path)
	case reflect.Map:
		d.dictionary(n, v, path)
	case reflect.Slice:
		d.list(n, v, path)
	case reflect.Pointer:
		if v.IsNil() && !isNull(n) {
			v.Set(reflect.New(v.Type().Elem()))
		}
		if !isNull(n) {
			d.decode(n, v.Elem(), path)
		}
	case reflect.Interface:
		d.free(n, v, path)
	default:
		d.leaf(n, v, path, scalarReader(v.Kind()))
	}
}

// section decodes a mapping with known keys.
func (d *decoder) section(n *yaml.Node, v reflect.Value, path string) {
	if !d.expect(n, yaml.MappingNode, path) {
		return
	}
	known := keysOf(v.Type())
	if known.open != nil { // a struct around a map
		d.dictionary(n, v.FieldByIndex(known.open), path)
		return
	}
	for key, value := range pairs(n) {
		keyPath := join(path, key.Value)
		field, ok := known.fields[key.Value]
		if !ok {
			d.fail(key, keyPath, "unknown key%s", suggest(key.Value, known.names))
			continue
		}
		d.at[keyPath] = position{key.Line, key.Column}
		d.decode(value, v.FieldByIndex(field), keyPath)
	}
}

// dictionary decodes a mapping with any keys.
func (d *decoder) dictionary(n *yaml.Node, v reflect.Value, path string) {
	if !d.expect(n, yaml.MappingNode, path) {
		return
	}
	if len(n.Content) == 0 {
		v.SetZero()
		return
	}
	m := reflect.MakeMapWithSize(v.Type(), len(n.Content)/2)
	for key, value := range pairs(n) {
		keyPath := join(path, key.Value)
		d.at[keyPath] = position{key.Line, key.Column}
		item := reflect.New(v.Type().Elem()).Elem()
		d.decode(value, item, keyPath)
		m.SetMapIndex(reflect.ValueOf(key.Value).Convert(v.Type().Key()), item)
	}
	v.Set(m)
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, path string) {
	if !d.expect(n, yaml.SequenceNode, path) {
		return
	}
	if len(n.Content) == 0 {
		v.SetZero()
		return
	}
	items := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		d.decode(item, items.Index(i), index(path, i))
	}
	v.Set(items)
}

// free decodes what may have any form.
func (d *decoder) free(n *yaml.Node, v reflect.Value, path string) {
	var value any
	if err := n.Decode(&value); err != nil {
		d.fail(n, path, "not a YAML value")
		return
	}
	if value != nil {
		v.Set(reflect.ValueOf(value))
	}
}

// leaf decodes a value that is read as a whole, by read.
func (d *decoder) leaf(n *yaml.Node, v reflect.Value, path string, read reader) {
	if read.kind == 0 {
		read.kind = yaml.ScalarNode
	}
	if isNull(n) && read.kind == yaml.ScalarNode {
		d.fail(n, path, "no value (want %s)", read.want)
		return
	}
	if n.Kind != read.kind && !isNull(n) {
		d.fail(n, path, "wrong type: found %s (want %s)", kindName(n.Kind), read.want)
		return
	}
	for key := range pairs(n) {
		d.at[join(path, key.Value)] = position{key.Line, key.Column}
	}
	if err := read.into(n, v); err != nil {
		d.fail(n, path, "%v", err)
	}
}

// expect reports a node of another kind than the wanted mapping or list. It is false also for no value.
func (d *decoder) expect(n *yaml.Node, kind yaml.Kind, path string) bool {
	if isNull(n) {
		return false
	}
	if n.Kind != kind {
		d.fail(n, path, "wrong type: found %s (want %s)", kindName(n.Kind), kindName(kind))
		return false
	}
	return true
}

// pairs gives the keys and values of a mapping in the file's order.
func pairs(n *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

func kindName(k yaml.Kind) string {
	switch k {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode:
		return "a single value"
	}
	return "something else"
}

// A reader reads values of one type.
type reader struct {
	// want says what is allowed.
	want string
	// kind is the node's kind, 0 for a scalar.
	kind yaml.Kind
	// into stores the node's value. Its error says what was found and what is allowed.
	into func(n *yaml.Node, v reflect.Value) error
}

// scalarReader returns the reader of a basic type.
func scalarReader(k reflect.Kind) reader {
	switch k {
	case reflect.Bool:
		return reader{want: "true or false", into: readBool}
	case reflect.Int:
		return reader{want: "a whole number", into: readInt}
	case reflect.Float64:
		return reader{want: "a number", into: readFloat}
	default:
		return reader{want: "text", into: func(n *yaml.Node, v reflect.Value) error {
			v.SetString(n.Value)
			return nil
		}}
	}
}

func readBool(n *yaml.Node, v reflect.Value) error {
	var b bool
	if n.ShortTag() != "!!bool" || n.Decode(&b) != nil {
		return fmt.Errorf("not true or false: %s", quote(n.Value))
	}
	v.SetBool(b)
	return nil
}

func readInt(n *yaml.Node, v reflect.Value) error {
	i, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil || n.ShortTag() != "!!int" || i > math.MaxInt32 || i < math.MinInt32 {
		return fmt.Errorf("not a whole number: %s (want e.g. 4)", quote(n.Value))
	}
	v.SetInt(i)
	return nil
}

func readFloat(n *yaml.Node, v reflect.Value) error {
	f, err := strconv.ParseFloat(n.Value, 64)
	if tag := n.ShortTag(); err != nil || tag != "!!int" && tag != "!!float" || math.IsInf(f, 0) || math.IsNaN(f) {
		return fmt.Errorf("not a number: %s (want e.g. 2.5)", quote(n.Value))
	}
	v.SetFloat(f)
	return nil
}

// quote quotes what was found, in a length that fits into an error.
func quote(s string) string {
	const limit = 60
	if r := []rune(s); len(r) > limit {
		s = string(r[:limit]) + "…"
	}
	return strconv.Quote(s)
}

// keys are the keys of a struct: the names in its yaml tags, with those of inlined structs.
type keys struct {
	names  []string
	fields map[string][]int
	// open is the index of an inlined map, which takes any key.
	open []int
}

func keysOf(t reflect.Type) keys {
	k := keys{fields: make(map[string][]int)}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case options == "inline" && f.Type.Kind() == reflect.Map:
			k.open = f.Index
		case options == "inline":
			inner := keysOf(f.Type)
			k.names = append(k.names, inner.names...)
			for name, field := range inner.fields {
				k.fields[name] = append([]int{i}, field...)
			}
		default:
			k.names = append(k.names, name)
			k.fields[name] = f.Index
		}
	}
	return k
}
