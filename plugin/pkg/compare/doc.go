// Package compare tells what has become of calls between two ranges of time. It
// is pure: it is told what there was, and looks at nothing else.
package compare
