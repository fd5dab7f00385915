package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTreeIsUpToDate(t *testing.T) {
	want, err := prometheusRule()
	require.NoError(t, err)
	got, err := os.ReadFile("../monitoring/prometheusrule.yaml")
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got), "it is not what the mixin gives now: run make mixin")
}
