package promql

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"time"
)

// What Options mean where they are zero.
const (
	DefaultTimeout          = 30 * time.Second
	DefaultMaxConcurrency   = 4
	DefaultMaxResponseBytes = 1 << 30
	DefaultUserAgent        = "meshscope"
)

// Options say where a store is and how it is asked.
type Options struct {
	// URL is the store's, with the prefix of its paths if it has one, such as
	// http://mimir:8080/prometheus. Parameters in its query part are added to Params.
	URL string
	// HTTPClient sends the requests; nil means http.DefaultClient. Authentication
	// and TLS are its business. Compression is too: Go's transport asks for gzip by
	// itself, and on a fast network bulk answers come faster without
	// (http.Transport.DisableCompression).
	HTTPClient *http.Client
	// Params are added to the URL of every request, such as dedup=true.
	Params url.Values
	// Method is POST, which is what empty means, or GET for stores behind proxies
	// that only let GET through. Long queries need POST.
	Method string
	// Timeout is for one call, from sending the request to the last byte of the
	// answer with the caller's function included. The store is told. 0 means
	// DefaultTimeout.
	Timeout time.Duration
	// MaxConcurrency is how many calls run at once; more wait. 0 means
	// DefaultMaxConcurrency.
	MaxConcurrency int
	// MaxResponseBytes limits the body of one answer, decompressed. 0 means
	// DefaultMaxResponseBytes. It does not cost memory, since answers are not kept.
	MaxResponseBytes int64
	// UserAgent is sent as such; empty means DefaultUserAgent.
	UserAgent string
}

// Client asks one store. It may be used by several goroutines at once.
type Client struct {
	http      *http.Client
	endpoint  endpoint
	method    string
	timeout   time.Duration
	slots     chan struct{} // one element per running call
	maxBytes  int64
	userAgent string
}

// MaxConcurrency is how many calls run at once.
func (c *Client) MaxConcurrency() int { return cap(c.slots) }

// New returns a client. An error tells which option is wrong, and never quotes
// the URL, in which there may be a password.
func New(o Options) (*Client, error) {
	at, err := newEndpoint(o.URL, o.Params)
	if err != nil {
		return nil, err
	}
	c := &Client{
		http:      o.HTTPClient,
		endpoint:  at,
		method:    o.Method,
		timeout:   o.Timeout,
		maxBytes:  o.MaxResponseBytes,
		userAgent: o.UserAgent,
	}
	if c.http == nil {
		c.http = http.DefaultClient
	}
	switch c.method {
	case "":
		c.method = http.MethodPost
	case http.MethodPost, http.MethodGet:
	default:
		return nil, fmt.Errorf("promql: the method is %q, not POST or GET", c.method)
	}
	if o.Timeout < 0 || o.MaxConcurrency < 0 || o.MaxResponseBytes < 0 {
		return nil, errors.New("promql: a negative timeout or limit")
	}
	if c.timeout == 0 {
		c.timeout = DefaultTimeout
	}
	if o.MaxConcurrency == 0 {
		o.MaxConcurrency = DefaultMaxConcurrency
	}
	c.slots = make(chan struct{}, o.MaxConcurrency)
	if c.maxBytes == 0 {
		c.maxBytes = DefaultMaxResponseBytes
	}
	c.maxBytes = min(c.maxBytes, math.MaxInt64-1) // room to see one byte too many
	if c.userAgent == "" {
		c.userAgent = DefaultUserAgent
	}
	return c, nil
}
