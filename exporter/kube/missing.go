package kube

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Reason is why a resource of a cluster is not read.
type Reason string

// The reasons.
const (
	// NotInstalled is of custom resources whose definition the cluster does not have. It is no fault.
	NotInstalled Reason = "not installed"
	// NotYet is of what is being read for the first time.
	NotYet Reason = "not read yet"
	// Forbidden is of what the exporter lacks the right to list or to watch.
	Forbidden Reason = "forbidden"
	// Unauthorized tells that the API server does not take the credentials.
	Unauthorized Reason = "unauthorized"
	// Unreachable tells that the API server does not answer.
	Unreachable Reason = "unreachable"
)

// Missing is a resource of a cluster that cannot be read at the moment. What
// was read of it before stays, but is no longer taken to be all there is.
type Missing struct {
	Cluster string
	// Resource is written as Kubernetes does, such as pods or virtualservices.networking.istio.io.
	Resource string
	Reason   Reason
	// Err is what went wrong, if something did.
	Err error
	// Since is when it could not be read first.
	Since time.Time
}

func (m Missing) compare(o Missing) int {
	return cmp.Or(strings.Compare(m.Cluster, o.Cluster), strings.Compare(m.Resource, o.Resource))
}

// reasonOf says what an error of an API server means.
func reasonOf(err error) Reason {
	switch {
	case apierrors.IsForbidden(err):
		return Forbidden
	case apierrors.IsUnauthorized(err):
		return Unauthorized
	case apierrors.IsNotFound(err):
		return NotInstalled
	}
	return Unreachable
}

// isPassing tells of an error that it is part of how things go: a watch is
// asked for in ways that an older server does not know, is told to begin anew,
// or is given up.
func isPassing(err error) bool {
	return errors.Is(err, context.Canceled) ||
		apierrors.IsResourceExpired(err) || apierrors.IsGone(err) || apierrors.IsInvalid(err)
}

// isEnd tells that a watch has come to its end, as they do at times.
func isEnd(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
