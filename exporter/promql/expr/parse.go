package expr

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// SyntaxError tells what is wrong with a list of matchers, and where.
type SyntaxError struct {
	// Text is what was to be parsed.
	Text string
	// Offset counts the bytes of Text before the place of the error.
	Offset int
	// Message says what is wrong.
	Message string
}

// Error returns the message with the place as a column, counted in characters
// from 1.
func (e *SyntaxError) Error() string {
	column := utf8.RuneCountInString(e.Text[:e.Offset]) + 1
	return fmt.Sprintf("matchers %q: column %d: %s", e.Text, column, e.Message)
}

// ParseMatchers reads matchers as they stand between the braces of a selector,
// such as `mesh_id="m1",cluster=~"eu-.*"`. The braces may be there. Strings may
// be in double quotes, single quotes or backquotes. No text is no matchers. An
// error is a *SyntaxError.
func ParseMatchers(text string) ([]Matcher, error) {
	p := matcherParser{text: text}
	if !utf8.ValidString(text) {
		p.failAt(0, "the text is not valid UTF-8")
	}
	matchers := p.list()
	if p.err != nil {
		return nil, p.err
	}
	return matchers, nil
}

// matcherParser reads a text from pos on. After an error it reads no further.
type matcherParser struct {
	text string
	pos  int
	err  *SyntaxError
}

func (p *matcherParser) failAt(offset int, format string, args ...any) {
	if p.err == nil {
		p.err = &SyntaxError{Text: p.text, Offset: offset, Message: fmt.Sprintf(format, args...)}
	}
}

// list reads all of the text.
func (p *matcherParser) list() (matchers []Matcher) {
	braces := p.accept("{")
	closing := ""
	if braces {
		closing = "}"
	}
	for p.err == nil && !p.atEnd(closing) {
		matchers = append(matchers, p.matcher())
		if !p.accept(",") && !p.atEnd(closing) {
			p.failAt(p.pos, "a comma is missing")
		}
	}
	if braces && !p.accept("}") {
		p.failAt(p.pos, "the closing brace is missing")
	}
	if p.space(); p.pos < len(p.text) {
		p.failAt(p.pos, "unexpected text after the closing brace")
	}
	return matchers
}

// atEnd tells whether the list ends here, at the closing brace if it has one.
func (p *matcherParser) atEnd(closing string) bool {
	p.space()
	rest := p.text[p.pos:]
	return rest == "" || closing != "" && strings.HasPrefix(rest, closing)
}

func (p *matcherParser) space() {
	rest := strings.TrimLeft(p.text[p.pos:], " \t\r\n")
	p.pos = len(p.text) - len(rest)
}

// accept consumes a token if it is next.
func (p *matcherParser) accept(token string) bool {
	p.space()
	if !strings.HasPrefix(p.text[p.pos:], token) {
		return false
	}
	p.pos += len(token)
	return true
}

func (p *matcherParser) matcher() Matcher {
	m := Matcher{Label: p.label(), Op: p.op()}
	p.space()
	start := p.pos
	m.Value = p.str()
	if m.Op == Regex || m.Op == NotRegex {
		if _, err := compile(m.Value); err != nil {
			p.failAt(start, "%v", err)
		}
	}
	return m
}

func (p *matcherParser) label() string {
	p.space()
	start := p.pos
	for p.pos < len(p.text) && (isLetter(p.text[p.pos]) || isDigit(p.text[p.pos]) && p.pos > start) {
		p.pos++
	}
	if p.pos == start {
		p.failAt(start, "a label name is missing")
	}
	return p.text[start:p.pos]
}

func (p *matcherParser) op() MatchOp {
	for _, op := range []MatchOp{Regex, NotRegex, NotEqual, Equal} {
		if p.accept(string(op)) {
			return op
		}
	}
	p.failAt(p.pos, "one of =, !=, =~ and !~ is missing")
	return ""
}

// str reads a string in quotes of any kind.
func (p *matcherParser) str() string {
	if p.err != nil {
		return ""
	}
	start := p.pos
	if start == len(p.text) || !strings.ContainsRune("\"'`", rune(p.text[start])) {
		p.failAt(start, "a value in quotes is missing")
		return ""
	}
	quote := p.text[start]
	p.pos++
	var value strings.Builder
	for rest := p.text[p.pos:]; rest != ""; {
		switch {
		case rest[0] == quote:
			p.pos = len(p.text) - len(rest) + 1
			if !utf8.ValidString(value.String()) {
				p.failAt(start, "the value is not valid UTF-8")
			}
			return value.String()
		case quote == '`':
			value.WriteByte(rest[0])
			rest = rest[1:]
			continue
		case rest[0] == '\n':
			p.failAt(start, "the value has no closing quote on its line")
			return ""
		}
		r, multibyte, tail, err := strconv.UnquoteChar(rest, quote)
		if err != nil {
			p.failAt(len(p.text)-len(rest), "a bad escape sequence")
			return ""
		}
		if multibyte {
			value.WriteRune(r)
		} else {
			value.WriteByte(byte(r))
		}
		rest = tail
	}
	p.failAt(start, "the value has no closing quote")
	return ""
}
