package kiali_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const page = "../../docs/kiali-api.md"

func section(t *testing.T, heading string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), "\n## "+heading+"\n")
	require.True(t, found, "no section %q in %s", heading, page)
	part, _, _ := strings.Cut(rest, "\n## ")
	return part
}

// offered are the names that a refusal of another name lists.
func offered(t *testing.T, refused string) []string {
	t.Helper()
	_, err := parse(t, refused)
	require.Error(t, err)
	names := regexp.MustCompile(`\(want (?:one|some) of (.*)\)`).FindStringSubmatch(err.Error())
	require.NotNil(t, names, "%v", err)
	return strings.Split(names[1], ", ")
}

// TestParametersAreDocumented holds the manual to the parameters that there are, and their order.
func TestParametersAreDocumented(t *testing.T) {
	var documented []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(section(t, "Parameters"), -1) {
		documented = append(documented, m[1])
	}
	assert.Equal(t, offered(t, "namespaces/graph?namespaces=a&x=1"), documented)
}

// TestValuesAreDocumented: what a refusal offers instead stands in the parameter's row.
func TestValuesAreDocumented(t *testing.T) {
	for _, name := range []string{"ambientTraffic", "boxBy", "graphType", "rateGrpc", "rateHttp", "rateTcp", "responseTime", "throughputType"} {
		row := regexp.MustCompile("(?m)^\\| `" + name + "` .*$").FindString(section(t, "Parameters"))
		for _, value := range offered(t, "namespaces/graph?namespaces=a&"+name+"=x") {
			assert.Contains(t, row, "`"+value+"`", name)
		}
	}
}

// TestAppendersAreDocumented: all have a row, and the one that is said to be refused is.
func TestAppendersAreDocumented(t *testing.T) {
	appenders := section(t, "Appenders")
	name := regexp.MustCompile("`([a-z]\\w+)`")
	var documented []string
	for _, line := range strings.Split(appenders, "\n") {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			for _, m := range name.FindAllStringSubmatch(cells[1], -1) {
				documented = append(documented, m[1])
			}
		}
	}
	slices.Sort(documented)
	assert.Equal(t, offered(t, "namespaces/graph?namespaces=a&appenders=x"), documented)

	refused := regexp.MustCompile("`(\\w+)` is refused").FindStringSubmatch(appenders)
	require.NotNil(t, refused)
	_, err := parse(t, "namespaces/graph?namespaces=a&appenders="+refused[1])
	assert.ErrorContains(t, err, "unknown appender")
}
