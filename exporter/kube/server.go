package kube

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
)

// How often is looked which custom resources there are: while some are
// missing, and when none is.
const (
	lookWhileMissing = 5 * time.Second
	lookOtherwise    = time.Minute
)

// server is a cluster that is read from its API server.
type server struct {
	name    string
	access  *rest.Config
	http    *http.Client
	codecs  serializer.CodecFactory
	changed func()
	// look asks for a look at which custom resources there are.
	look chan struct{}

	mu      sync.Mutex
	readers map[*resource]*reader
	// stops end the readers of custom resources.
	stops map[*resource]func()
	// absent are the custom resources without a reader, and why.
	absent map[*resource]Missing
	// looked tells that it was tried to find out which custom resources there are.
	looked bool
}

func newServer(o *ClusterOptions, scheme *runtime.Scheme, changed func()) (*server, error) {
	access, err := o.access()
	if err != nil {
		return nil, err
	}
	client, err := rest.HTTPClientFor(access)
	if err != nil {
		return nil, fmt.Errorf("cluster %s: %w", o.Name, err)
	}
	s := &server{
		name: o.Name, access: access, http: client, codecs: serializer.NewCodecFactory(scheme), changed: changed,
		look: make(chan struct{}, 1), readers: map[*resource]*reader{}, stops: map[*resource]func(){}, absent: map[*resource]Missing{},
	}
	for _, r := range resources {
		if r.custom {
			s.absent[r] = Missing{Cluster: s.name, Resource: r.String(), Reason: NotYet, Since: time.Now()}
			continue
		}
		if s.readers[r], err = s.reader(r, r.versions[0]); err != nil {
			return nil, fmt.Errorf("cluster %s: %s: %w", o.Name, r, err)
		}
	}
	return s, nil
}

// client is for the objects of one version of a group.
func (s *server) client(of schema.GroupVersion) (rest.Interface, error) {
	access := rest.CopyConfig(s.access)
	access.GroupVersion, access.APIPath = &of, "/apis"
	access.NegotiatedSerializer = s.codecs.WithoutConversion()
	if of.Group == coreGroup {
		access.APIPath = "/api"
	}
	if of.Group == coreGroup || of.Group == appsGroup || of.Group == batchGroup {
		access.ContentType = runtime.ContentTypeProtobuf
		access.AcceptContentTypes = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
	}
	return rest.RESTClientForConfigAndClient(access, s.http)
}

func (s *server) reader(r *resource, version string) (*reader, error) {
	client, err := s.client(schema.GroupVersion{Group: r.group, Version: version})
	if err != nil {
		return nil, err
	}
	gone := func() {
		if r.custom {
			s.lookSoon()
		}
	}
	return newReader(r, version, client, s.changed, gone)
}

func (s *server) lookSoon() {
	select {
	case s.look <- struct{}{}:
	default: // it will be looked
	}
}

// run reads until ctx ends.
func (s *server) run(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	s.mu.Lock()
	for _, r := range s.readers {
		running.Go(func() { r.run(ctx) })
	}
	s.mu.Unlock()
	for {
		missing := s.lookForCustom(ctx, &running)
		wait := time.NewTimer(lookOtherwise)
		if missing {
			wait.Reset(lookWhileMissing)
		}
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-wait.C:
		case <-s.look:
			// The definition of a resource goes after its objects, and is not gone at once.
			wait.Reset(time.Second)
			select {
			case <-ctx.Done():
			case <-wait.C:
			}
		}
		wait.Stop()
	}
}

// lookForCustom starts the readers of custom resources that have come, and
// stops those of resources that have gone. It tells whether some are missing.
func (s *server) lookForCustom(ctx context.Context, running *sync.WaitGroup) (missing bool) {
	found := map[string]group{}
	var differs bool
	for _, r := range resources {
		if !r.custom {
			continue
		}
		g, ok := found[r.group]
		if !ok {
			g = s.group(ctx, r.group)
			found[r.group] = g
		}
		if ctx.Err() != nil {
			return true
		}
		version, err := g.versionOf(r)
		missing = missing || err != nil
		differs = s.take(ctx, running, r, version, err) || differs
	}
	s.mu.Lock()
	differs = differs || !s.looked
	s.looked = true
	s.mu.Unlock()
	if differs {
		s.changed()
	}
	return missing
}

// take takes over what was found of a custom resource, and tells whether that is new.
func (s *server) take(ctx context.Context, running *sync.WaitGroup, r *resource, version string, err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	current := s.readers[r]
	switch {
	case err != nil && current != nil && !apierrors.IsNotFound(err):
		return false // its reader tells what is wrong
	case err != nil:
		before := s.absent[r]
		now := Missing{Cluster: s.name, Resource: r.String(), Reason: reasonOf(err), Err: err, Since: time.Now()}
		if now.Reason == NotInstalled {
			now.Err = nil
		}
		if before.Reason == now.Reason {
			now.Since = before.Since
		}
		s.absent[r] = now
		s.stop(r)
		return before.Reason != now.Reason
	case current != nil && current.version == version:
		return false
	}
	s.stop(r)
	reader, err := s.reader(r, version)
	if err != nil {
		s.absent[r] = Missing{Cluster: s.name, Resource: r.String(), Reason: Unreachable, Err: err, Since: time.Now()}
		return true
	}
	delete(s.absent, r)
	reading, stop := context.WithCancel(ctx)
	s.readers[r], s.stops[r] = reader, stop
	running.Go(func() { reader.run(reading) })
	return true
}

// stop ends the reader of a custom resource, if there is one. s.mu is held.
func (s *server) stop(r *resource) {
	if stop := s.stops[r]; stop != nil {
		stop()
	}
	delete(s.readers, r)
	delete(s.stops, r)
}

// group is what an API server has of a group: resources by version, and why
// this is not known.
type group struct {
	resources map[string][]string
	err       error
}

// group asks which resources of a group there are. Anybody who may use an API
// server may ask that.
func (s *server) group(ctx context.Context, name string) group {
	client, err := s.client(schema.GroupVersion{Group: name, Version: "v1"})
	if err != nil {
		return group{err: err}
	}
	var versions metav1.APIGroup
	if err := client.Get().MaxRetries(0).AbsPath("/apis", name).Timeout(10 * time.Second).Do(ctx).Into(&versions); err != nil {
		return group{err: err}
	}
	g := group{resources: map[string][]string{}}
	for _, v := range versions.Versions {
		var list metav1.APIResourceList
		if err := client.Get().MaxRetries(0).AbsPath("/apis", name, v.Version).Timeout(10 * time.Second).Do(ctx).Into(&list); err != nil {
			return group{err: err}
		}
		for _, r := range list.APIResources {
			g.resources[v.Version] = append(g.resources[v.Version], r.Name)
		}
	}
	return g
}

// versionOf is the version in which a resource is read.
func (g *group) versionOf(r *resource) (string, error) {
	if apierrors.IsForbidden(g.err) {
		return r.versions[0], nil // its reader will find out
	}
	if g.err != nil {
		return "", g.err
	}
	for _, version := range r.versions {
		if slices.Contains(g.resources[version], r.plural) {
			return version, nil
		}
	}
	return "", apierrors.NewNotFound(schema.GroupResource{Group: r.group, Resource: r.plural}, "")
}

// missing is what cannot be read.
func (s *server) missing() []Missing {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Missing
	for _, m := range s.absent {
		all = append(all, m)
	}
	for _, r := range s.readers {
		if m, ok := r.missing(s.name); ok {
			all = append(all, m)
		}
	}
	return all
}

// contents is what was read.
func (s *server) contents() *contents {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &contents{cluster: s.name, records: make(map[*resource][]*record, len(s.readers))}
	whole := map[*resource]bool{}
	for r, reader := range s.readers {
		_, missing := reader.missing(s.name)
		whole[r] = !missing
		c.records[r] = reader.records()
	}
	c.known = func(_ string, of ...*resource) bool {
		return !slices.ContainsFunc(of, func(r *resource) bool { return !whole[r] })
	}
	return c
}
