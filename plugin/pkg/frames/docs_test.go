package frames_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/plugin/pkg/query"
)

// TestDocumentation: all columns are documented, and what is documented can be
// asked.
func TestDocumentation(t *testing.T) {
	page, err := os.ReadFile("../../../docs/data-source.md")
	require.NoError(t, err)
	for title, stored := range map[string]string{
		"Nodes": `{"queryType": "nodes"}`, "Edges": `{"queryType": "edges"}`, "Health": `{"queryType": "health"}`,
	} {
		_, section, found := strings.Cut(string(page), "\n## "+title+"\n")
		require.True(t, found, title)
		section, _, _ = strings.Cut(section, "\n## ")
		for _, f := range list(t, bookinfo(), stored).Fields {
			name := f.Name
			if plain := strings.TrimPrefix(name, "target_"); plain != name && !strings.Contains(section, "`"+name+"`") {
				name = "source_" + plain // of the one as of the other
			}
			assert.Contains(t, section, "`"+name+"`", "in section %s", title)
		}
	}
	queries := regexp.MustCompile("[`\n](\\{\"queryType\".*\\})[`\n]").FindAllStringSubmatch(string(page), -1)
	require.Greater(t, len(queries), 4)
	for _, found := range queries {
		_, err := query.Parse([]byte(found[1]))
		assert.NoError(t, err, found[1])
	}
}
