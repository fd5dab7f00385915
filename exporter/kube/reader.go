package kube

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

// reader reads one resource of a cluster, by an informer of client-go, which
// lists it once and watches it from then on. The informer stores records.
type reader struct {
	resource *resource
	version  string
	informer cache.SharedIndexInformer
	// changed is called when what was read has changed, or whether it can be read.
	changed func()
	// gone is called when the API server does not know the resource.
	gone func()

	mu      sync.Mutex
	failure error
	since   time.Time // of the failure, or of the beginning
}

func newReader(r *resource, version string, client rest.Interface, changed, gone func()) (*reader, error) {
	reader := &reader{resource: r, version: version, changed: changed, gone: gone, since: time.Now()}
	request := func(o metav1.ListOptions) *rest.Request {
		// Informers try again by themselves, and in the meantime it is known that they have to.
		return client.Get().MaxRetries(0).Resource(r.plural).VersionedParams(&o, metav1.ParameterCodec)
	}
	reader.informer = cache.NewSharedIndexInformerWithOptions(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			list, err := request(o).Do(ctx).Get()
			reader.note(err)
			return list, err
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			o.Watch = true
			events, err := request(o).Watch(ctx)
			reader.note(err)
			return events, err
		},
	}, r.new(), cache.SharedIndexInformerOptions{ObjectDescription: r.String()})

	// What comes may be a record already: informers hand on what they have stored.
	transform := func(o any) (any, error) {
		switch o := o.(type) {
		case *record:
			return o, nil
		case runtime.Object:
			return newRecord(r, o), nil
		}
		return nil, fmt.Errorf("%s: not an object: %T", r, o)
	}
	if err := reader.informer.SetTransform(transform); err != nil {
		return nil, err
	}
	// The default is to log each failure.
	if err := reader.informer.SetWatchErrorHandlerWithContext(func(_ context.Context, _ *cache.Reflector, err error) {
		if !isEnd(err) {
			reader.note(err)
		}
	}); err != nil {
		return nil, err
	}
	_, err := reader.informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { changed() },
		DeleteFunc: func(any) { changed() },
		UpdateFunc: func(before, after any) {
			// Most updates of pods are of what is not kept.
			if !reflect.DeepEqual(before.(*record).fact, after.(*record).fact) {
				changed()
			}
		},
	})
	return reader, err
}

// run reads until ctx ends.
func (r *reader) run(ctx context.Context) {
	r.informer.RunWithContext(klog.NewContext(ctx, logr.Discard())) // failures are logged where they are put together
}

// note keeps in mind how the last request ended.
func (r *reader) note(err error) {
	// An API server begins to serve a new custom resource by putting off who asks for it.
	putOff := apierrors.IsTooManyRequests(err) && !r.informer.HasSynced()
	if err != nil && isPassing(err) || putOff {
		return
	}
	r.mu.Lock()
	before := r.failure
	r.failure = err
	if (before == nil) != (err == nil) {
		r.since = time.Now()
	}
	r.mu.Unlock()
	if (before == nil) != (err == nil) || err != nil && reasonOf(before) != reasonOf(err) {
		r.changed()
	}
	if apierrors.IsNotFound(err) {
		r.gone()
	}
}

// missing is what keeps the resource from being read.
func (r *reader) missing(cluster string) (Missing, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := Missing{Cluster: cluster, Resource: r.resource.String(), Err: r.failure, Since: r.since}
	switch {
	case r.failure != nil:
		m.Reason = reasonOf(r.failure)
	case !r.informer.HasSynced():
		m.Reason = NotYet
	default:
		return Missing{}, false
	}
	return m, true
}

// records are what was read.
func (r *reader) records() []*record {
	stored := r.informer.GetStore().List()
	records := make([]*record, 0, len(stored))
	for _, o := range stored {
		records = append(records, o.(*record))
	}
	return records
}
