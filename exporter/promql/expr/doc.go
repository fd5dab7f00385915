// Package expr writes PromQL.
//
// An expression is built from values and turned into text by [Format], which is
// the one place where names are checked and strings are quoted, so that no
// value of a label, of a configuration or of a user can become syntax:
//
//	rate := expr.Func("rate", expr.Selector{
//		Name:     "istio_requests_total",
//		Matchers: []expr.Matcher{expr.OneOf("reporter", "source", "waypoint")},
//	}.Range(5 * time.Minute))
//	text, err := expr.Format(expr.Sum([]string{"destination_service"}, rate))
//	// sum by (destination_service) (rate(istio_requests_total{reporter=~"source|waypoint"}[5m]))
//
// What is written is the PromQL that stores have understood for years: durations
// of one unit, no names in quotes. It is a matter of syntax; whether a function
// takes a range vector is left to the store.
//
// Text that is not valid UTF-8 is refused, since no label of a store can be equal
// to it and a replacement could equal another. Label names beyond letters,
// digits and underscores are refused too: their quoted form is unknown to older
// stores. Names of metrics beyond those are written as a matcher of __name__,
// which every store knows.
package expr
