package kubetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Create has the API server take manifests exactly as they are, with their
// status, and keep them so. The namespaces that they are in come before them.
// The error tells all objects that it has not taken; warnings are errors, and
// so is a field that it does not know or does not keep.
func (c *Cluster) Create(ctx context.Context, manifests string) error {
	all, err := parse(manifests)
	if err != nil {
		return err
	}
	warned := &warnings{}
	config := c.Config()
	config.WarningHandler = warned
	judge, err := newObjects(config)
	if err != nil {
		return err
	}
	var refused []error
	for _, o := range all {
		warned.all = nil
		if err := errors.Join(judge.create(ctx, o), warned.all); err != nil {
			refused = append(refused, fmt.Errorf("%s: %w", name(o), err))
		}
	}
	return errors.Join(refused...)
}

func (c *objects) create(ctx context.Context, o *unstructured.Unstructured) error {
	client, err := c.client(o)
	if err != nil {
		return err
	}
	kept, err := client.Create(ctx, o, metav1.CreateOptions{FieldManager: manager, FieldValidation: metav1.FieldValidationStrict})
	if err != nil {
		return err
	}
	if status, has := o.Object["status"]; has {
		told := kept.DeepCopy()
		told.Object["status"] = status
		options := metav1.UpdateOptions{FieldManager: manager, FieldValidation: metav1.FieldValidationStrict}
		if kept, err = client.UpdateStatus(ctx, told, options); err != nil {
			return fmt.Errorf("the status: %w", err)
		}
	}
	return sameAs(o, kept)
}

// sameAs tells what an API server has kept otherwise than it was sent. It may
// add to an object, and gives it an identity of its own.
func sameAs(sent, kept *unstructured.Unstructured) error {
	sent = sent.DeepCopy()
	for _, field := range []string{"uid", "creationTimestamp", "generation"} {
		unstructured.RemoveNestedField(sent.Object, "metadata", field)
	}
	var lost []error
	for field, value := range sent.Object {
		if !equality.Semantic.DeepDerivative(value, kept.Object[field]) {
			lost = append(lost, fmt.Errorf("%s is kept otherwise: sent %s, kept %s", field, asJSON(value), asJSON(kept.Object[field])))
		}
	}
	return errors.Join(lost...)
}

func asJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
