// Package share lets those who ask the same share one answer: while it is
// worked on, and for as long after as answers are kept.
//
// The work is nobody's in particular. It goes on when the one who was first to
// ask leaves, and is given up when nobody waits any more. Errors are told to
// those who wait for them, and not kept.
package share
