package topology_test

import (
	"path"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/exporter/topology"
)

func TestMatchGlob(t *testing.T) {
	for _, tc := range []struct {
		pattern, name string
		want          bool
	}{
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"**", "anything", true},
		{"bookinfo", "bookinfo", true},
		{"bookinfo", "bookinfo2", false},
		{"book*", "bookinfo", true},
		{"*info", "bookinfo", true},
		{"*o*o*", "bookinfo", true},
		{"*x*", "bookinfo", false},
		{"b?okinfo", "bookinfo", true},
		{"?", "", false},
		{"*/waypoint", "bookinfo/waypoint", true}, // unlike path.Match, * crosses a slash
		{"[a-z]", "a", false},
		{"[a-z]", "[a-z]", true},
		{"a*b*c", "abbc", true},
		{"a*b*c", "abb", false},
	} {
		require.Equal(t, tc.want, topology.MatchGlob(tc.pattern, tc.name), "%q of %q", tc.pattern, tc.name)
	}
}

// Without classes, escapes and slashes a glob is one of package path.
func TestMatchGlobIsPathMatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringOf(rapid.RuneFrom([]rune("ab*?-"))).Draw(t, "pattern")
		name := rapid.StringOf(rapid.RuneFrom([]rune("ab-"))).Draw(t, "name")
		want, err := path.Match(pattern, name)
		require.NoError(t, err)
		require.Equal(t, want, topology.MatchGlob(pattern, name), "%q of %q", pattern, name)
	})
}
