// Package kiali speaks Kiali's graph API, so that a program that reads Kiali's
// graph reads this one: it reads the API's paths and parameters (Parse), and
// writes graphs as the API does (Write).
//
// The form is Kiali's, the numbers are this project's: where a truth rule asks
// for another answer than Kiali gives, the rule wins. docs/kiali-api.md lists
// the differences.
package kiali
