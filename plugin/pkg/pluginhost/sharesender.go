package pluginhost

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"
)

// aboutAsking are the headers by which Grafana tells a store which panel,
// dashboard or rule asks. They say nothing of who asks; but they differ from
// panel to panel and, X-Query-Group-Id, from one request to the next. A request
// that is of several panels is of none in particular, so they are not sent.
var aboutAsking = []string{
	"X-Dashboard-Title", "X-Dashboard-Uid", "X-Grafana-From-Expr", "X-Panel-Id", "X-Panel-Plugin-Id", "X-Panel-Title", "X-Query-Group-Id",
	"X-Rule-Folder", "X-Rule-Name", "X-Rule-Source", "X-Rule-Type", "X-Rule-Uid", "X-Rule-Version",
}

// forwarding is which of the headers that come with a request are sent to the
// store: all but those that are withheld. They come by contextual middlewares,
// which the SDK puts into the context: what users are authenticated with if the
// data source is set to forward that (OAuth tokens, cookies), and what Grafana
// is set to send with each request (such as X-Grafana-User).
type forwarding struct {
	withheld []string
}

// newForwarding keeps what is set for the data source itself.
func newForwarding(grafanaID bool, own http.Header) forwarding {
	var f forwarding
	withheld := aboutAsking
	if !grafanaID {
		withheld = append(slices.Clone(withheld), backend.GrafanaUserSignInTokenHeaderName)
	}
	for _, name := range withheld {
		if _, isOwn := own[http.CanonicalHeaderKey(name)]; !isOwn {
			f.withheld = append(f.withheld, name)
		}
	}
	return f
}

// middleware is to be the last of all, which sees what the others add.
func (f forwarding) middleware() httpclient.Middleware {
	return httpclient.NamedMiddlewareFunc("meshscope-forwarding", func(_ httpclient.Options, next http.RoundTripper) http.RoundTripper {
		return httpclient.RoundTripperFunc(func(req *http.Request) (*http.Response, error) {
			f.withhold(req.Header)
			return next.RoundTrip(req)
		})
	})
}

func (f forwarding) withhold(header http.Header) {
	for _, name := range f.withheld {
		header.Del(name)
	}
}

// harCapture is the SDK's middleware that records the requests made for one
// request of Grafana's: who asks for that wants requests of his own.
const harCapture = "sdk-har-capture"

// sender tells who the store takes one for who asks it in ctx: it is the same
// for those of whom the same is forwarded. It is known from what would be sent,
// not from what Grafana says of a user: so it has all that the store can tell
// one from another by. ok is false where one cannot be told from others.
func (f forwarding) sender(ctx context.Context) (who string, ok bool) {
	middlewares := httpclient.ContextualMiddlewareFromContext(ctx)
	if len(middlewares) == 0 {
		return "", true
	}
	var sent http.Header
	var next http.RoundTripper = httpclient.RoundTripperFunc(func(req *http.Request) (*http.Response, error) {
		sent = req.Header
		return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Request: req}, nil
	})
	for _, m := range slices.Backward(middlewares) {
		if named, is := m.(httpclient.MiddlewareName); is && named.MiddlewareName() == harCapture {
			return "", false
		}
		next = m.CreateMiddleware(httpclient.Options{ForwardHTTPHeaders: true}, next)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://store.invalid/", nil)
	if err != nil {
		return "", false
	}
	if _, err := next.RoundTrip(req); err != nil || sent == nil {
		return "", false
	}
	f.withhold(sent)
	if len(sent) == 0 {
		return "", true
	}
	digest := sha256.New() // what is kept in memory is no secret
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		_, _ = fmt.Fprintf(digest, "%q %q\n", name, sent[name])
	}
	return hex.EncodeToString(digest.Sum(nil)), true
}
