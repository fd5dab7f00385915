package filter

import (
	"errors"
	"regexp/syntax"
)

// maxPatterns bounds the regular expressions of one expression. RE2 takes time
// in proportion to their size, once repetitions such as x{1000} are written out.
const maxPatterns = 1000

// patternSize is about the number of instructions that a pattern compiles to.
func patternSize(pattern string) (int, error) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		wrong := new(syntax.Error)
		if errors.As(err, &wrong) {
			return 0, errors.New("the regular expression is wrong: " + wrong.Code.String() + ": " + wrong.Expr)
		}
		return 0, err
	}
	return sizeOf(re), nil
}

// sizeOf stays clear of overflow: a parsed pattern repeats nothing more than a
// thousand times, nested repetitions taken together.
func sizeOf(re *syntax.Regexp) int {
	size := 0
	for _, sub := range re.Sub {
		size += sizeOf(sub)
	}
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass:
		return 1 + len(re.Rune)/16 // \pL is a search among hundreds of ranges
	case syntax.OpRepeat:
		return 1 + size*max(re.Min, re.Max)
	}
	return 1 + size
}
