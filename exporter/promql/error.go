package promql

import (
	"context"
	"errors"
	"strconv"
	"strings"
)

// Error tells why there is no answer.
type Error struct {
	// Kind is what to act on.
	Kind Kind
	// URL is what was asked, without user, password and query part.
	URL string
	// Status is the HTTP status, 0 if there was no answer.
	Status int
	// Type is the errorType that the API gave, such as "bad_data" or "execution",
	// empty if it gave none.
	Type string
	// Message says what happened: the store's own words where it gave some.
	Message string
	// Err is the cause, nil if the message is all that is known.
	Err error
}

// Error returns a line with the URL, the status and the message.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.URL)
	b.WriteString(": ")
	if e.Status != 0 {
		b.WriteString("status ")
		b.WriteString(strconv.Itoa(e.Status))
		if e.Type != "" {
			b.WriteString(" (")
			b.WriteString(e.Type)
			b.WriteString(")")
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Message)
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of an error of this package. Of errors of contexts it
// is Timeout or Canceled, of others 0.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	case errors.Is(err, context.Canceled):
		return Canceled
	}
	return 0
}

// IsUnavailable reports whether the store was not there to answer.
func IsUnavailable(err error) bool { return KindOf(err) == Unavailable }

// IsTimeout reports whether time ran out.
func IsTimeout(err error) bool { return KindOf(err) == Timeout }

// IsCanceled reports whether the caller gave up.
func IsCanceled(err error) bool { return KindOf(err) == Canceled }

// IsUnauthorized reports whether credentials are missing or wrong.
func IsUnauthorized(err error) bool { return KindOf(err) == Unauthorized }

// IsTooLarge reports whether asking for less at once could help.
func IsTooLarge(err error) bool { return KindOf(err) == TooLarge }

// IsBadQuery reports whether the store refused the query for what it says.
func IsBadQuery(err error) bool { return KindOf(err) == BadQuery }

// Outcome returns a short, stable word for how a call ended, fit for the label
// of a metric: "success" without an error, else the kind's, and "other" for
// errors that are not from here, such as those of the caller's function.
func Outcome(err error) string {
	if err == nil {
		return outcomes[0]
	}
	return KindOf(err).String()
}
