package render_test

import (
	"mime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/render"
)

func TestParseFormat(t *testing.T) {
	for _, f := range render.Formats {
		got, err := render.ParseFormat(f.Name)
		require.NoError(t, err)
		require.Equal(t, f.ContentType, got.ContentType)
		_, _, err = mime.ParseMediaType(f.ContentType)
		require.NoError(t, err)
	}
	_, err := render.ParseFormat("JSON")
	require.EqualError(t, err, `unknown format "JSON", want one of table, json, dot, mermaid`)
}
