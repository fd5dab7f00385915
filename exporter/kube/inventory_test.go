package kube_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/kube"
)

// An interface that holds a nil pointer is not nil.
func TestObjectsOfNoInventory(t *testing.T) {
	var none *kube.Inventory
	require.True(t, none.Objects() == nil, "%#v", none.Objects())
	some := new(kube.Inventory)
	require.True(t, some.Objects() == some)
}
