package promql

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// call sends one request and reads its answer.
func (c *Client) call(ctx context.Context, path string, form url.Values, each func(*Series) error) (Answer, error) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		err := c.failed(ctx, path, 0, ctx.Err())
		err.Message += " (while waiting for one of the running queries to end)"
		return Answer{}, err
	}
	form.Set("timeout", seconds(c.budget(ctx).Milliseconds()))
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	answer, err := c.exchange(ctx, path, form, each)
	answer.Duration = time.Since(start)
	return answer, err
}

// budget is the time that the store is told to have: what the call may take, at
// least a millisecond, since 0 could mean no limit there.
func (c *Client) budget(ctx context.Context) time.Duration {
	budget := c.timeout
	if deadline, ok := ctx.Deadline(); ok {
		budget = min(budget, time.Until(deadline))
	}
	return max(budget, time.Millisecond)
}

func (c *Client) exchange(ctx context.Context, path string, form url.Values, each func(*Series) error) (Answer, error) {
	req, err := c.request(ctx, path, form)
	if err != nil {
		return Answer{}, c.failed(ctx, path, 0, err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return Answer{}, c.failed(ctx, path, 0, err)
	}
	defer resp.Body.Close() //nolint:errcheck // Nothing that was read depends on it.
	if sent := resp.Request; sent != nil && sent.Method != c.method {
		return Answer{}, c.redirected(path, resp)
	}
	body := &bodyReader{body: resp.Body, max: c.maxBytes}
	if resp.StatusCode != http.StatusOK {
		return Answer{}, c.refused(ctx, path, resp, body)
	}
	answer, said, err := decode(body, each)
	answer.Bytes = body.read
	if err != nil {
		return answer, c.undecodable(ctx, path, resp.StatusCode, err)
	}
	if said.status != "success" {
		return answer, c.unsuccessful(path, resp.StatusCode, said)
	}
	return answer, nil
}

// request builds the request of a form. The parameters of every request go to
// the URL in any case, where proxies see them.
func (c *Client) request(ctx context.Context, path string, form url.Values) (*http.Request, error) {
	var req *http.Request
	var err error
	if c.method == http.MethodGet {
		req, err = http.NewRequestWithContext(ctx, c.method, c.endpoint.url(path, form), nil)
	} else {
		req, err = http.NewRequestWithContext(ctx, c.method, c.endpoint.url(path, nil), strings.NewReader(form.Encode()))
	}
	if err != nil {
		return nil, err
	}
	if c.method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	return req, nil
}
