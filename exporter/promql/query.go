package promql

import (
	"context"
	"net/url"
	"strconv"
	"time"
)

// Query evaluates expr at one time, to the millisecond; the zero time means the
// store's now. It gives each series of the answer to each: those of a vector,
// those of a matrix if expr is a range selector, or one without labels for a
// scalar.
//
// On error what each was given must be discarded, for an answer is whole or it
// is none. An error of each ends the call and is returned as it is; others are
// of type *Error. The function must not use the client, whose slot it occupies.
func (c *Client) Query(ctx context.Context, expr string, at time.Time, each func(*Series) error) (Answer, error) {
	form := url.Values{"query": {expr}}
	if !at.IsZero() {
		form.Set("time", timestamp(at))
	}
	return c.call(ctx, "query", form, each)
}

// Range is a span of time with the step at which it is looked at. Both ends are
// part of it. Times and the step count to the millisecond.
type Range struct {
	Start, End time.Time
	Step       time.Duration
}

// QueryRange evaluates expr at Start and each step after it up to End. It gives
// each series of the answer to each, on the conditions of Query. A range that
// is empty or without a step is a BadQuery without the store being asked.
func (c *Client) QueryRange(ctx context.Context, expr string, r Range, each func(*Series) error) (Answer, error) {
	const path = "query_range"
	if r.Step < time.Millisecond || r.End.Before(r.Start) {
		return Answer{}, &Error{
			Kind:    BadQuery,
			URL:     c.endpoint.safe(path),
			Message: "a range that ends before it starts, or without a step of at least 1ms",
		}
	}
	form := url.Values{
		"query": {expr},
		"start": {timestamp(r.Start)},
		"end":   {timestamp(r.End)},
		"step":  {seconds(r.Step.Milliseconds())},
	}
	return c.call(ctx, path, form, each)
}

func timestamp(t time.Time) string { return seconds(t.UnixMilli()) }

// seconds writes milliseconds as seconds, without loss and without an exponent.
func seconds(ms int64) string { return strconv.FormatFloat(float64(ms)/1000, 'f', -1, 64) }
