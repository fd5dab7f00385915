package kubetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

const manager = "kubetest"

// Apply applies manifests, in YAML or JSON, as kubectl apply --server-side does.
// Besides, it makes namespaces that are missing, and writes the objects' status,
// for want of the controllers that would do so.
func (c *Cluster) Apply(t testing.TB, manifests string) {
	t.Helper()
	for _, o := range decode(t, manifests) {
		c.objects.makeNamespace(t, o.GetNamespace())
		c.objects.applyOne(t, o)
	}
}

// Delete deletes the objects of manifests.
func (c *Cluster) Delete(t testing.TB, manifests string) {
	t.Helper()
	for _, o := range decode(t, manifests) {
		client, err := c.objects.client(o)
		require.NoError(t, err)
		require.NoError(t, client.Delete(t.Context(), o.GetName(), metav1.DeleteOptions{}), "%s", name(o))
	}
}

// DryRun has the API server check manifests as if they were applied. The error
// tells all objects that it would not take; warnings are errors.
func (c *Cluster) DryRun(ctx context.Context, manifests string) error {
	all, err := parse(manifests)
	if err != nil {
		return err
	}
	var refused []error
	for _, o := range all {
		if err := c.dryRun(ctx, o); err != nil {
			refused = append(refused, fmt.Errorf("%s: %w", name(o), err))
		}
	}
	return errors.Join(refused...)
}

func (c *Cluster) dryRun(ctx context.Context, o *unstructured.Unstructured) error {
	warned := &warnings{}
	config := c.Config()
	config.WarningHandler = warned
	judge, err := newObjects(config)
	if err != nil {
		return err
	}
	client, err := judge.client(o)
	if err != nil {
		return err
	}
	_, err = client.Apply(ctx, o.GetName(), o, metav1.ApplyOptions{FieldManager: manager, Force: true, DryRun: []string{metav1.DryRunAll}})
	return errors.Join(err, warned.all)
}

// warnings collects what an API server warns of.
type warnings struct{ all error }

func (w *warnings) HandleWarningHeader(_ int, _, text string) {
	w.all = errors.Join(w.all, errors.New("warning: "+text))
}

// objects writes objects of any kind.
type objects struct {
	dynamic dynamic.Interface
	mapper  *restmapper.DeferredDiscoveryRESTMapper
}

func newObjects(config *rest.Config) (*objects, error) {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	found, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	return &objects{client, restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(found))}, nil
}

// client is for the objects of a kind, in the namespace of one of them.
func (c *objects) client(o *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	of := o.GroupVersionKind()
	mapping, err := c.mapper.RESTMapping(of.GroupKind(), of.Version)
	if err != nil {
		return nil, err
	}
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return c.dynamic.Resource(mapping.Resource), nil
	}
	namespace := o.GetNamespace()
	if namespace == "" {
		namespace = metav1.NamespaceDefault
	}
	return c.dynamic.Resource(mapping.Resource).Namespace(namespace), nil
}

// apply applies objects of Kubernetes' own types.
func (c *objects) apply(t testing.TB, all ...runtime.Object) {
	t.Helper()
	for _, o := range all {
		content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
		require.NoError(t, err)
		c.applyOne(t, &unstructured.Unstructured{Object: content})
	}
}

func (c *objects) applyOne(t testing.TB, o *unstructured.Unstructured) {
	t.Helper()
	client, err := c.client(o)
	require.NoError(t, err, "%s", name(o))
	options := metav1.ApplyOptions{FieldManager: manager, Force: true}
	_, err = client.Apply(t.Context(), o.GetName(), o, options)
	require.NoError(t, err, "%s", name(o))
	if _, has := o.Object["status"]; has && o.GetKind() != definitionKind {
		_, err = client.ApplyStatus(t.Context(), o.GetName(), o, options)
		require.NoError(t, err, "the status of %s", name(o))
	}
}

var namespaces = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}

func (c *objects) makeNamespace(t testing.TB, namespace string) {
	t.Helper()
	if namespace == "" {
		return
	}
	made := &unstructured.Unstructured{}
	made.SetAPIVersion("v1")
	made.SetKind("Namespace")
	made.SetName(namespace)
	_, err := c.dynamic.Resource(namespaces).Create(t.Context(), made, metav1.CreateOptions{})
	if !apierrors.IsAlreadyExists(err) {
		require.NoError(t, err, "%s", name(made))
	}
}

func decode(t testing.TB, manifests string) []*unstructured.Unstructured {
	t.Helper()
	all, err := parse(manifests)
	require.NoError(t, err)
	require.NotEmpty(t, all, "there are no objects in the manifests")
	return all
}

// parse reads the objects of manifests, and those of lists.
func parse(manifests string) (all []*unstructured.Unstructured, err error) {
	documents := yaml.NewYAMLReader(bufio.NewReader(strings.NewReader(manifests)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		o := &unstructured.Unstructured{}
		if err == nil {
			err = yaml.Unmarshal(document, &o.Object)
		}
		switch {
		case err != nil:
			return nil, err
		case len(o.Object) == 0: // an empty document
		case o.IsList():
			if err := o.EachListItem(func(item runtime.Object) error {
				all = append(all, item.(*unstructured.Unstructured))
				return nil
			}); err != nil {
				return nil, err
			}
		default:
			all = append(all, o)
		}
	}
}

func name(o *unstructured.Unstructured) string {
	return fmt.Sprintf("%s %s/%s", o.GetKind(), o.GetNamespace(), o.GetName())
}
