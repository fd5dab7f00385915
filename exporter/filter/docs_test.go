package filter_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/filter"
)

const page = "../../docs/filters.md"

// section is a part of the manual, by its heading.
func section(t *testing.T, heading string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), "\n## "+heading+"\n")
	require.True(t, found, "no section %q in %s", heading, page)
	part, _, _ := strings.Cut(rest, "\n## ")
	return part
}

// TestFieldsAreDocumented holds the manual to the fields that there are, their
// kinds and order.
func TestFieldsAreDocumented(t *testing.T) {
	row := regexp.MustCompile("(?m)^\\| `([a-z]+\\.\\w+)` \\| ([a-z ]+) \\|")
	for heading, want := range map[string][]string{
		"Fields of edges": filter.EdgeFields(),
		"Fields of nodes": filter.NodeFields(),
	} {
		var documented []string
		for _, m := range row.FindAllStringSubmatch(section(t, heading), -1) {
			documented = append(documented, m[1]+" "+m[2])
		}
		assert.Equal(t, want, documented, heading)
	}
}

// TestExamplesCompile: what the manual says to write can be written.
func TestExamplesCompile(t *testing.T) {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	code := regexp.MustCompile("`([^`\n]+)`")
	compiled := 0
	for _, m := range code.FindAllStringSubmatch(string(text), -1) {
		example := strings.ReplaceAll(m[1], `\|`, "|")
		isExpression := strings.Contains(example, "edge.") || strings.Contains(example, "node.") || strings.Contains(example, "source.")
		if !isExpression || strings.HasPrefix(example, "meshscope") {
			continue
		}
		_, err := filter.Compile(example)
		if err != nil && regexp.MustCompile(`^(edge|node)\.\w+$`).MatchString(example) {
			continue // a field by itself, which other tests look at
		}
		assert.NoError(t, err, example)
		compiled++
	}
	assert.Greater(t, compiled, 40)
}
