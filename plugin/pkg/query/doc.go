// Package query is the query of the data source as dashboards store it: its
// fields, their defaults and the check of what was typed into them.
//
// Dashboards outlive versions of this program, and many are written by
// programs. So nothing in a query is ignored without a word: a bad value is an
// error that names the field, the value and what is allowed; a field that a
// later version will serve is refused by its name; and a field that is unknown
// is an error if it looks like a misspelt one, and else a remark. A field that
// says nothing in a query of its type is checked as any other, and forgotten:
// who tries the types in an editor leaves it behind.
package query
