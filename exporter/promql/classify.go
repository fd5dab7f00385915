package promql

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"

	"github.com/meshscope/meshscope/exporter/promql/internal/jsonscan"
)

// maxErrorBody is how much of the body of a refusal is read.
const maxErrorBody = 64 << 10

// failed turns what went wrong on the way to the store or back into an Error.
func (c *Client) failed(ctx context.Context, path string, status int, err error) *Error {
	e := &Error{Kind: Unavailable, URL: c.endpoint.safe(path), Status: status, Err: err}
	// Errors of net/http quote URLs with users and queries; their causes do not.
	for quoting, ok := errors.AsType[*url.Error](e.Err); ok; quoting, ok = errors.AsType[*url.Error](e.Err) {
		e.Err = quoting.Err
	}
	var network net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled) || errors.Is(err, context.Canceled):
		e.Kind, e.Message = Canceled, "canceled"
	case errors.Is(ctx.Err(), context.DeadlineExceeded) || errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &network) && network.Timeout():
		e.Kind, e.Message = Timeout, fmt.Sprintf("no whole answer in time, which is %s or less", c.timeout)
	default:
		e.Message = e.Err.Error()
	}
	return e
}

// undecodable turns an error of decode into what the caller gets.
func (c *Client) undecodable(ctx context.Context, path string, status int, err error) error {
	if caller, ok := errors.AsType[*callerError](err); ok {
		return caller.err
	}
	e := &Error{URL: c.endpoint.safe(path), Status: status, Message: err.Error(), Err: err}
	syntax, isSyntax := errors.AsType[*jsonscan.SyntaxError](err)
	_, isForeign := errors.AsType[*foreignError](err)
	_, isCorrupt := errors.AsType[flate.CorruptInputError](err)
	switch {
	case isForeign:
		e.Kind = NotPrometheus
	case errors.Is(err, errTooLong):
		e.Kind, e.Message = TooLarge, fmt.Sprintf("the answer has more than %d bytes", c.maxBytes)
	case errors.Is(err, io.ErrUnexpectedEOF):
		e.Kind, e.Message = Truncated, "the connection ended before the answer did"
	case isCorrupt || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum):
		e.Kind = Malformed
	case !isSyntax:
		return c.failed(ctx, path, status, err)
	case syntax.Truncated:
		e.Kind, e.Message = Truncated, "the answer is cut short: "+e.Message
	default:
		e.Kind, e.Message = Malformed, "the answer is malformed: "+e.Message
	}
	return e
}

// unsuccessful turns a document that is not one of success into an Error.
func (c *Client) unsuccessful(path string, status int, said envelope) *Error {
	e := &Error{URL: c.endpoint.safe(path), Status: status, Type: brief(said.errorType), Message: brief(said.message)}
	switch said.status {
	case "error":
		e.Kind = kindOf(status, said.errorType, said.message)
	case "":
		e.Kind, e.Message = NotPrometheus, "JSON that is not an answer of Prometheus: it has no status"
	default:
		e.Kind, e.Message = Malformed, fmt.Sprintf("the answer's status is %q", brief(said.status))
	}
	return e
}

// refused turns an answer with another status than 200 into an Error.
func (c *Client) refused(ctx context.Context, path string, resp *http.Response, body io.Reader) *Error {
	text, err := io.ReadAll(io.LimitReader(body, maxErrorBody))
	if err != nil && ctx.Err() != nil {
		return c.failed(ctx, path, resp.StatusCode, err)
	}
	var said struct {
		ErrorType string `json:"errorType"`
		Error     string `json:"error"`
	}
	isAPI := json.Unmarshal(text, &said) == nil && said.Error != ""
	if !isAPI {
		said.ErrorType, said.Error = "", string(text)
	}
	e := &Error{
		Kind:    kindOf(resp.StatusCode, said.ErrorType, said.Error),
		URL:     c.endpoint.safe(path),
		Status:  resp.StatusCode,
		Type:    brief(said.ErrorType),
		Message: brief(said.Error),
	}
	if !isAPI && e.Kind == BadQuery {
		e.Kind = NotPrometheus // it would have said so in its own form
	}
	if e.Message == "" {
		e.Message = http.StatusText(resp.StatusCode)
	}
	e.Message += c.advice(resp.StatusCode)
	return e
}

// advice is what to change where a status tells it.
func (c *Client) advice(status int) string {
	switch status {
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		if c.method == http.MethodPost {
			return " (POST is not accepted here; set the method to GET)"
		}
	case http.StatusRequestURITooLong:
		if c.method == http.MethodGet {
			return " (the query is too long for GET; set the method to POST)"
		}
	case http.StatusNotFound:
		return " (is the prefix of the URL right?)"
	}
	return ""
}

// redirected is the error for a POST that a redirection made a GET, which has
// lost the query.
func (c *Client) redirected(path string, resp *http.Response) *Error {
	return &Error{
		Kind:    Unsupported,
		URL:     c.endpoint.safe(path),
		Status:  resp.StatusCode,
		Message: "redirected to " + safeURL(resp.Request.URL) + ", where a POST does not follow; set the URL to where it leads",
	}
}
