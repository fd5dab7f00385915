// Package link makes links from templates and the names of what they are on.
//
// Names come from whatever labels a store has. So a name is always written for
// the place where it stands: percent-encoded in a URL, escaped in the text of a
// query, where Grafana's own variables too must not be seen in it. Where a name
// is not known, or cannot be written, there is no link. The package is pure.
package link
