package config

import (
	"bytes"
	"errors"
	"regexp"
	"strconv"
	"strings"
)

var (
	yamlLine      = regexp.MustCompile(`^line (\d+): `)
	unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
	// zeroBased are the errors whose lines the YAML library counts from 0. They are those of its parser; its scanner's
	// are counted from 1. Neither kind has a line where that is the first.
	zeroBased = regexp.MustCompile(`^did not find expected (key|node content|<.*>|'-' indicator|',' or .*)$`)
)

// syntaxProblem turns an error of the YAML library about text into a problem. The line is that of the error, or of the
// beginning of the mapping or list around it.
func syntaxProblem(err error, text []byte) Problem {
	if errors.Is(err, errSecondDocument) {
		return Problem{Message: err.Error()}
	}
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if m := unknownAnchor.FindStringSubmatch(message); m != nil {
		// The anchor is not repeated: it may be a password that nobody quoted.
		return Problem{Line: lineOf(text, "*"+m[1]), Message: noAlias}
	}
	line := 0
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = message[len(m[0]):]
	}
	if zeroBased.MatchString(message) {
		line++
	}
	return Problem{Line: line, Message: "not YAML: " + message}
}

// lineOf returns the line on which s stands first in text, 0 where it does not.
func lineOf(text []byte, s string) int {
	before, _, found := bytes.Cut(text, []byte(s))
	if !found {
		return 0
	}
	return bytes.Count(before, []byte("\n")) + 1
}
