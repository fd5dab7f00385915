package promql

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// BuildInfo is what a store says of itself. Stores say what they like, or
// nothing: it is good for telling people, and for nothing else.
type BuildInfo struct {
	// Application is the program's name. Prometheus does not give it.
	Application string `json:"application"`
	Version     string `json:"version"`
	Revision    string `json:"revision"`
	GoVersion   string `json:"goVersion"`
	// Features are those that are optional, such as Mimir's.
	Features map[string]any `json:"features"`
}

// maxBuildInfo is above what such an answer has.
const maxBuildInfo = 64 << 10

// BuildInfo asks the store what it is.
func (c *Client) BuildInfo(ctx context.Context) (BuildInfo, error) {
	const path = "status/buildinfo"
	ctx, cancel := context.WithTimeout(ctx, min(c.timeout, 5*time.Second))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.endpoint.url(path, nil), nil)
	if err != nil {
		return BuildInfo{}, c.failed(ctx, path, 0, err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	resp, err := c.http.Do(req)
	if err != nil {
		return BuildInfo{}, c.failed(ctx, path, 0, err)
	}
	defer resp.Body.Close() //nolint:errcheck // Nothing that was read depends on it.
	body := io.LimitReader(resp.Body, maxBuildInfo)
	if resp.StatusCode != http.StatusOK {
		return BuildInfo{}, c.refused(ctx, path, resp, body)
	}
	var said struct {
		Status string    `json:"status"`
		Data   BuildInfo `json:"data"`
	}
	if err := json.NewDecoder(body).Decode(&said); err != nil || said.Status != "success" {
		return BuildInfo{}, &Error{Kind: NotPrometheus, URL: c.endpoint.safe(path), Status: resp.StatusCode, Message: "no build information", Err: err}
	}
	return said.Data, nil
}
