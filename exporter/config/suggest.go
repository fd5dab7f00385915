package config

import (
	"fmt"
	"strings"
)

// suggest says what could have been meant by an unknown key: the nearest known one, else all of them.
func suggest(key string, known []string) string {
	best, distance := "", len(key)/3+1
	for _, k := range known {
		if d := editDistance(strings.ToLower(key), k); d <= distance && (best == "" || d < distance) {
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

// editDistance is the number of characters to insert, remove or replace that makes b of a.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
