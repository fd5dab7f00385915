package config

import (
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"
)

const noAlias = `anchors and aliases are not supported (text that begins with * or & needs quotes)`

// checkDocument reports what no part of a configuration may contain, whatever its key: duplicate keys, keys that are
// not text, aliases and tags of somebody's own.
func checkDocument(root *yaml.Node) []Problem {
	var c documentChecker
	c.node(root, "")
	return c.problems
}

type documentChecker struct{ problems []Problem }

func (c *documentChecker) node(n *yaml.Node, path string) {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		c.report(n, path, noAlias)
		return
	case !coreTag(n.ShortTag()):
		c.report(n, path, "a YAML tag is not supported here")
		return
	}
	switch n.Kind {
	case yaml.MappingNode:
		c.mapping(n, path)
	case yaml.SequenceNode:
		for i, item := range n.Content {
			c.node(item, index(path, i))
		}
	}
}

func (c *documentChecker) mapping(n *yaml.Node, path string) {
	first := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" {
			c.report(key, path, "a key that is not text")
			continue
		}
		keyPath := join(path, key.Value)
		if line, ok := first[key.Value]; ok {
			c.report(key, keyPath, fmt.Sprintf("duplicate key (first on line %d)", line))
			continue
		}
		first[key.Value] = key.Line
		c.node(value, keyPath)
	}
}

func (c *documentChecker) report(n *yaml.Node, path, message string) {
	c.problems = append(c.problems, Problem{Line: n.Line, Column: n.Column, Key: path, Message: message})
}

func coreTag(tag string) bool {
	switch tag {
	case "!!map", "!!seq", "!!str", "!!int", "!!float", "!!bool", "!!null", "!!timestamp":
		return true
	}
	return false
}

// join returns the path of the key in the section at path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// index returns the path of the list item i at path.
func index(path string, i int) string {
	return path + "[" + strconv.Itoa(i) + "]"
}
