package query

import "encoding/json"

// FieldError tells what is wrong with one field of a stored query.
type FieldError struct {
	Field   string
	Value   string // as stored, cut short if it is long
	Problem string
}

// Error is a sentence that begins with the field and its value.
func (e *FieldError) Error() string {
	return "query field " + e.Field + ": " + e.Value + " " + e.Problem
}

// brief is a value as an error shows it.
func brief(raw json.RawMessage) string {
	const most = 80
	text := []rune(string(raw))
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}
