package pluginhost_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
)

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// TestAuthentication looks at what arrives at the store of each way to
// authenticate, of queries and of health checks.
func TestAuthentication(t *testing.T) {
	store := filled(t, 20)
	forwarded := map[string]string{"Authorization": "Bearer of-the-user", "X-Id-Token": "id-of-the-user"}
	for _, c := range []struct {
		name     string
		settings backend.DataSourceInstanceSettings
		comes    map[string]string // with the viewer's request
		arrives  map[string]string
	}{
		{"none", backend.DataSourceInstanceSettings{}, nil, map[string]string{"Authorization": ""}},
		{
			"basic", backend.DataSourceInstanceSettings{
				BasicAuthEnabled: true, BasicAuthUser: "mesh", DecryptedSecureJSONData: map[string]string{"basicAuthPassword": "s3cret"},
			}, nil, map[string]string{"Authorization": basic("mesh", "s3cret")},
		},
		{"in the URL", backend.DataSourceInstanceSettings{URL: "admin:hunter2@"}, nil, map[string]string{"Authorization": basic("admin", "hunter2")}},
		{
			"custom headers", backend.DataSourceInstanceSettings{
				JSONData:                []byte(`{"httpHeaderName1": "Authorization", "httpHeaderName2": "X-Scope-OrgID"}`),
				DecryptedSecureJSONData: map[string]string{"httpHeaderValue1": "Bearer of-the-source", "httpHeaderValue2": "tenant|other"},
			}, nil, map[string]string{"Authorization": "Bearer of-the-source", "X-Scope-Orgid": "tenant|other"},
		},
		{
			"OAuth of the user",
			backend.DataSourceInstanceSettings{JSONData: []byte(`{"oauthPassThru": true}`)},
			forwarded,
			map[string]string{"Authorization": "Bearer of-the-user", "X-Id-Token": "id-of-the-user"},
		},
		{
			"OAuth beside custom headers", backend.DataSourceInstanceSettings{
				JSONData:                []byte(`{"oauthPassThru": true, "httpHeaderName1": "X-Scope-OrgID"}`),
				DecryptedSecureJSONData: map[string]string{"httpHeaderValue1": "tenant"},
			}, forwarded, map[string]string{"Authorization": "Bearer of-the-user", "X-Scope-Orgid": "tenant"},
		},
		{
			"cookies",
			backend.DataSourceInstanceSettings{JSONData: []byte(`{"keepCookies": ["session"]}`)},
			map[string]string{"Cookie": "session=of-the-user"},
			map[string]string{"Cookie": "session=of-the-user"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			u := newUpstream(t, store.URL)
			c.settings.URL = strings.Replace(u.URL, "http://", "http://"+c.settings.URL, 1)
			i := instance(t, c.settings)
			ctx := t.Context()
			if c.comes != nil {
				ctx = as(ctx, c.comes)
			}
			arrived := func() {
				require.NotZero(t, u.requests())
				for _, q := range u.asked {
					for name, value := range c.arrives {
						assert.Equal(t, value, q.header.Get(name), name)
					}
				}
				u.forget()
			}
			response, err := i.QueryData(ctx, &backend.QueryDataRequest{Queries: []backend.DataQuery{query("A", store.Now, `{}`)}})
			require.NoError(t, err)
			require.NoError(t, response.Responses["A"].Error)
			arrived()
			_, err = i.CheckHealth(ctx, &backend.CheckHealthRequest{})
			require.NoError(t, err)
			arrived()
		})
	}
}

// TestSecretsStaySecret: nothing that a viewer gets to see, however a query
// ends, has anything of the settings' secrets or another's token in it.
func TestSecretsStaySecret(t *testing.T) {
	store := derivedtest.Open(t)
	store.Publish(derivedtest.Mesh(20), 10)
	echo := func(w http.ResponseWriter, r *http.Request, status int) bool {
		w.WriteHeader(status)
		// A store that repeats what it was asked by whom is not ours to mend, but its
		// URL and the client's words about it are.
		_, _ = fmt.Fprintf(w, "no: %s", r.URL.Path)
		return true
	}
	for name, before := range map[string]func(w http.ResponseWriter, r *http.Request) bool{
		"answered":     func(http.ResponseWriter, *http.Request) bool { return false },
		"unauthorized": func(w http.ResponseWriter, r *http.Request) bool { return echo(w, r, http.StatusUnauthorized) },
		"not found":    func(w http.ResponseWriter, r *http.Request) bool { return echo(w, r, http.StatusNotFound) },
		"unavailable":  func(w http.ResponseWriter, r *http.Request) bool { return echo(w, r, http.StatusServiceUnavailable) },
		"cut off":      func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) },
		"redirected": func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "/?token=hunter2", http.StatusFound)
			return true
		},
		"misredirected": func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "http://u:hunter2@127.0.0.1:1/?t=hunter2", http.StatusTemporaryRedirect)
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			u := newUpstream(t, store.URL)
			u.Before = before
			i := instance(t, backend.DataSourceInstanceSettings{
				URL:              strings.Replace(u.URL, "http://", "http://admin:hunter2@", 1) + "/?token=hunter2",
				BasicAuthEnabled: true, BasicAuthUser: "mesh",
				JSONData:                []byte(`{"httpHeaderName1": "X-Token", "customQueryParameters": "key=hunter2"}`),
				DecryptedSecureJSONData: map[string]string{"basicAuthPassword": "hunter2", "httpHeaderValue1": "hunter2"},
			})
			ctx := as(t.Context(), map[string]string{"Authorization": "Bearer hunter2", "Cookie": "session=hunter2"})
			request := &backend.QueryDataRequest{}
			for _, stored := range []string{`{}`, `{"queryType": "nodes"}`, `{"queryType": "edges"}`, `{"queryType": "health"}`, `{"queryType": "traffic"}`, `{"queryType": "changes"}`, `{"queryType": "values"}`} {
				request.Queries = append(request.Queries, query(stored, store.Now, stored))
			}
			response, err := i.QueryData(ctx, request)
			require.NoError(t, err)
			for asked, answer := range response.Responses {
				assert.NotContains(t, seen(t, answer), "hunter2", asked)
			}
			_, message := check(t, i)
			assert.NotContains(t, message, "hunter2")
		})
	}
}

// seen is all that a viewer sees of an answer.
func seen(t *testing.T, answer backend.DataResponse) string {
	t.Helper()
	text := fmt.Sprint(answer.Error)
	for _, frame := range answer.Frames {
		encoded, err := data.FrameToJSON(frame, data.IncludeAll)
		require.NoError(t, err)
		text += string(encoded)
	}
	return text
}
