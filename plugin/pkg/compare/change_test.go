package compare_test

import (
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/meshscope/meshscope/plugin/pkg/compare"
)

func calls(requests, errors float64) compare.Calls {
	return compare.Calls{Active: true, Requests: requests, Errors: errors}
}

func timed(n, mean float64) compare.Calls {
	return compare.Calls{Active: true, Requests: n, Timed: n, Mean: mean}
}

func TestBetween(t *testing.T) {
	connections := compare.Calls{Active: true}
	for name, c := range map[string]struct {
		then, now compare.Calls
		want      compare.Change
	}{
		"nothing":                          {compare.Calls{}, compare.Calls{}, compare.Unchanged},
		"new":                              {compare.Calls{}, calls(1, 1), compare.New},
		"new connections":                  {compare.Calls{}, connections, compare.New},
		"gone":                             {calls(1e6, 0), compare.Calls{}, compare.Gone},
		"connections":                      {connections, connections, compare.Unchanged},
		"from connections to calls":        {connections, calls(100, 100), compare.Unchanged},
		"fails":                            {calls(100, 0), calls(100, 20), compare.Failing},
		"fails as before":                  {calls(100, 20), calls(1000, 200), compare.Unchanged},
		"fails less":                       {calls(100, 20), calls(100, 0), compare.Unchanged},
		"too few now":                      {calls(1000, 0), calls(19, 19), compare.Unchanged},
		"enough now":                       {calls(1000, 0), calls(20, 20), compare.Failing},
		"too few then":                     {calls(19, 0), calls(1000, 1000), compare.Unchanged},
		"one error in a few":               {calls(20, 0), calls(20, 1), compare.Unchanged},
		"by chance":                        {calls(100, 3), calls(100, 9), compare.Unchanged},
		"the same parts of many":           {calls(1e4, 300), calls(1e4, 900), compare.Failing},
		"less than a percent of many":      {calls(1e6, 0), calls(1e6, 9_000), compare.Unchanged},
		"a percent of many":                {calls(1e6, 0), calls(1e6, 10_000), compare.Failing},
		"little more than much":            {calls(1e6, 300_000), calls(1e6, 400_000), compare.Unchanged},
		"half as much again":               {calls(1e6, 300_000), calls(1e6, 450_000), compare.Failing},
		"slower":                           {timed(100, 0.1), timed(100, 0.2), compare.Slower},
		"faster":                           {timed(100, 0.2), timed(100, 0.1), compare.Unchanged},
		"too few that take longer":         {timed(100, 0.1), timed(99, 10), compare.Unchanged},
		"too few that took less long":      {timed(99, 0.1), timed(100, 10), compare.Unchanged},
		"a few milliseconds longer":        {timed(1e6, 0.001), timed(1e6, 0.0109), compare.Unchanged},
		"ten milliseconds longer":          {timed(1e6, 0.001), timed(1e6, 0.012), compare.Slower},
		"a quarter longer":                 {timed(1e6, 1), timed(1e6, 1.25), compare.Unchanged},
		"a third longer":                   {timed(1e6, 1), timed(1e6, 1.34), compare.Slower},
		"durations not known":              {compare.Calls{Active: true, Mean: math.NaN()}, timed(100, 1), compare.Unchanged},
		"slower and failing is failing":    {timed(1e3, 0.1), compare.Calls{Active: true, Requests: 1e3, Errors: 500, Timed: 1e3, Mean: 1}, compare.Failing},
		"no number":                        {calls(math.NaN(), 0), calls(math.NaN(), 10), compare.Unchanged},
		"all failed then, all fail now":    {calls(100, 100), calls(100, 100), compare.Unchanged},
		"none then, all now, just as many": {calls(20, 0), calls(20, 20), compare.Failing},
	} {
		assert.Equal(t, c.want, compare.Between(c.then, c.now), name)
	}
}

func TestNames(t *testing.T) {
	assert.Equal(t, "unchanged", compare.Unchanged.String())
	assert.Equal(t, "failing more", compare.Failing.String())
}

// TestChance: calls that fail as often as before are not taken for worse.
func TestChance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(20, 2000).Draw(t, "calls")
		often := rapid.IntRange(0, 100).Draw(t, "of a hundred")
		errors := float64(n*often) / 100
		// As many again, and one standard deviation more.
		more := min(float64(n), errors+math.Sqrt(errors*(1-float64(often)/100)))
		if c := compare.Between(calls(float64(n), errors), calls(float64(n), more)); c != compare.Unchanged {
			t.Errorf("%d calls with %v errors, then %v, are %s", n, errors, more, c)
		}
	})
}

// TestDocumented: the page tells the numbers that this package goes by.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/data-source.md")
	require.NoError(t, err)
	text := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	for _, want := range []string{
		"at least " + text(compare.MinRequests) + " calls in both ranges",
		"at least " + text(100*compare.MinErrors) + " % of all calls more",
		text(compare.MinErrorFactor) + " times as large",
		text(compare.Sigmas) + " standard deviations",
		"at least " + text(compare.MinTimed) + " calls in both ranges",
		text(1000*compare.MinDelay) + " ms longer",
		text(compare.MinDelayFactor) + " times as long",
	} {
		assert.Contains(t, string(page), want)
	}
}
