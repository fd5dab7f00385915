package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// ErrorType sorts the errors of the API, by the names that the Prometheus API has for them.
type ErrorType string

// The types of errors.
const (
	ErrorBadData     ErrorType = "bad_data"    // the request is wrong
	ErrorExecution   ErrorType = "execution"   // it cannot be answered, now or later
	ErrorTimeout     ErrorType = "timeout"     // it took too long
	ErrorUnavailable ErrorType = "unavailable" // it cannot be answered now
	ErrorInternal    ErrorType = "internal"    // a fault of the program
	ErrorForbidden   ErrorType = "forbidden"   // it is switched off
	ErrorNotFound    ErrorType = "not_found"   // there is no such path
	ErrorMethod      ErrorType = "bad_method"  // the path has no such method
)

var statuses = map[ErrorType]int{
	ErrorBadData:     http.StatusBadRequest,
	ErrorExecution:   http.StatusUnprocessableEntity,
	ErrorTimeout:     http.StatusServiceUnavailable,
	ErrorUnavailable: http.StatusServiceUnavailable,
	ErrorInternal:    http.StatusInternalServerError,
	ErrorForbidden:   http.StatusForbidden,
	ErrorNotFound:    http.StatusNotFound,
	ErrorMethod:      http.StatusMethodNotAllowed,
}

// An Error is answered to the client as it is.
type Error struct {
	Type ErrorType
	Err  error
	// RetryAfter tells when another attempt is worthwhile; 0 tells nothing.
	RetryAfter time.Duration
}

// Errorf returns an Error with a formatted text.
func Errorf(t ErrorType, format string, args ...any) *Error {
	return &Error{Type: t, Err: fmt.Errorf(format, args...)}
}

// Error gives the text without the type.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// asError returns err as what is answered.
func asError(err error) *Error {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Type: ErrorTimeout, Err: err}
	default:
		return &Error{Type: ErrorUnavailable, Err: err}
	}
}

// writeError answers in the form of the Prometheus API.
func writeError(w http.ResponseWriter, err error) {
	e := asError(err)
	status, ok := statuses[e.Type]
	if !ok {
		status = http.StatusInternalServerError
	}
	body, _ := json.Marshal(struct { // a struct of strings always marshals
		Status    string    `json:"status"`
		ErrorType ErrorType `json:"errorType"`
		Error     string    `json:"error"`
	}{"error", e.Type, e.Error()})
	w.Header().Set("Content-Type", "application/json")
	if e.RetryAfter > 0 {
		seconds := (e.RetryAfter + time.Second - 1) / time.Second
		w.Header().Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
	}
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the client is gone, if anything
}
