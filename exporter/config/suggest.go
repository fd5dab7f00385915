package config

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
)

// suggest says what could have been meant by an unknown key: the nearest known one, else all of them.
func suggest(key string, known []string) string {
	best, distance := "", len(key)/3+1
	for _, k := range known {
		if d := levenshtein.ComputeDistance(strings.ToLower(key), k); d <= distance && (best == "" || d < distance) {
			best, distance = k, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf(" (did you mean %s?)", best)
	case len(known) == 0:
		return ""
	default:
		return fmt.Sprintf(" (want one of %s)", strings.Join(known, ", "))
	}
}
