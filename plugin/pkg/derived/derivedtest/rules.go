package derivedtest

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/series"
)

// ruler is where the samples of rules come from.
var ruler = labels.FromStrings("job", "ruler", "instance", "ruler")

// RollUp evaluates the mixin's rollup rules, as of now.
func (s *Store) RollUp() {
	s.t.Helper()
	client, err := promql.New(promql.Options{URL: s.URL})
	require.NoError(s.t, err)
	var text bytes.Buffer
	for _, rule := range series.Rollups() {
		question, err := rule.Expr()
		require.NoError(s.t, err)
		n := 0
		_, err = client.Query(s.t.Context(), question, s.Now, func(one *promql.Series) error {
			n++
			fmt.Fprintf(&text, "%s{", rule.Rollup())
			for name, value := range one.All() {
				fmt.Fprintf(&text, "%s=%q,", name, value)
			}
			fmt.Fprintf(&text, "} %s\n", strconv.FormatFloat(one.Points[0].Value, 'g', -1, 64))
			return nil
		})
		require.NoError(s.t, err)
		if n > 0 {
			fmt.Fprintf(&text, "%s{%s=%q} %d\n", series.RollupCount, series.RollupLabel, rule.Rollup(), n)
		}
	}
	require.NoError(s.t, s.store.Append(s.Now, ruler, text.Bytes()))
}
