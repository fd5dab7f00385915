package kubetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const definitionKind = "CustomResourceDefinition"

var definitions = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}

// InstallCRDs installs custom resources that are not there yet, and waits until
// they are served.
func (c *Cluster) InstallCRDs(t testing.TB, sets ...CRDSet) {
	t.Helper()
	var all []*unstructured.Unstructured
	for _, s := range sets {
		all = append(all, definitionsAmong(decode(t, s.Manifests(t)))...)
	}
	for _, o := range all {
		// To apply them would take several times as long.
		_, err := c.objects.dynamic.Resource(definitions).Create(t.Context(), o, metav1.CreateOptions{})
		if !apierrors.IsAlreadyExists(err) {
			require.NoError(t, err, "%s", name(o))
		}
	}
	var served []schema.GroupVersionResource
	for _, o := range all {
		require.Eventually(t, func() bool {
			resources, err := c.objects.announced(o)
			served = append(served, resources...)
			return err == nil
		}, patience, 100*time.Millisecond, "%s is not served", name(o))
	}
	require.NoError(t, c.objects.listAll(t.Context(), served))
}

// definitionsAmong leaves out what is published along with definitions.
func definitionsAmong(all []*unstructured.Unstructured) []*unstructured.Unstructured {
	return slices.DeleteFunc(all, func(o *unstructured.Unstructured) bool { return o.GetKind() != definitionKind })
}

// announced are the resources of a definition, one for each version, when the
// API server tells of all.
func (c *objects) announced(crd *unstructured.Unstructured) (all []schema.GroupVersionResource, err error) {
	group, _, _ := unstructured.NestedString(crd.Object, "spec", "group")
	kind, _, _ := unstructured.NestedString(crd.Object, "spec", "names", "kind")
	versions, _, _ := unstructured.NestedSlice(crd.Object, "spec", "versions")
	for _, v := range versions {
		version := v.(map[string]any)
		if version["served"] != true {
			continue
		}
		mapping, err := c.mapper.RESTMapping(schema.GroupKind{Group: group, Kind: kind}, version["name"].(string))
		if err != nil {
			c.mapper.Reset()
			return nil, err
		}
		all = append(all, mapping.Resource)
	}
	return all, nil
}

// listAll lists resources, all at once: for the first second the API server has
// the client try again.
func (c *objects) listAll(ctx context.Context, resources []schema.GroupVersionResource) error {
	var lists errgroup.Group
	for _, r := range resources {
		lists.Go(func() error {
			_, err := c.dynamic.Resource(r).List(ctx, metav1.ListOptions{})
			return err
		})
	}
	return lists.Wait()
}
