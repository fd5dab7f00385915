package promql

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
)

// endpoint is where a store is, and what every request carries.
type endpoint struct {
	base   *url.URL // without query and fragment
	params url.Values
}

// reserved are the parameters that are the client's to set.
var reserved = []string{"query", "time", "start", "end", "step", "timeout"}

// newEndpoint reads a URL. Its errors do not quote it: what cannot be parsed may
// be a password.
func newEndpoint(raw string, params url.Values) (endpoint, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return endpoint{}, errors.New("promql: the URL is not of the form http://host:9090/prefix")
	}
	all, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return endpoint{}, errors.New("promql: the query part of the URL is malformed")
	}
	for name, values := range params {
		all[name] = slices.Clone(values)
	}
	for _, name := range reserved {
		if all.Has(name) {
			return endpoint{}, fmt.Errorf("promql: the parameter %q is set by the client itself", name)
		}
	}
	u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = "", false, "", ""
	return endpoint{base: u, params: all}, nil
}

// url returns the URL of a path of the API with the parameters of every request
// and those given.
func (e endpoint) url(path string, more url.Values) string {
	u := e.base.JoinPath("api/v1", path)
	query := url.Values{}
	for _, values := range []url.Values{e.params, more} {
		for name, list := range values {
			query[name] = list
		}
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// safe returns the URL of a path of the API as errors show it.
func (e endpoint) safe(path string) string { return safeURL(e.base.JoinPath("api/v1", path)) }

// safeURL cuts user, password, query and fragment from a URL.
func safeURL(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}
