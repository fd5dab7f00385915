package frames_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/derived/derivedtest"
	"github.com/meshscope/meshscope/plugin/pkg/frames/framestest"
)

func TestLayered(t *testing.T) {
	for _, f := range draw(t, bookinfo(), ask(t, `{}`))[0].Fields {
		assert.NotContains(t, []string{"fixedx", "fixedy"}, f.Name, "the panel's own layout would have no say")
	}
	made := draw(t, bookinfo(), ask(t, `{"layout": "layered"}`))
	at := framestest.Places(t, made)
	for _, id := range framestest.IDs(t, made[1]) {
		edge := framestest.Row(t, made[1], id)
		source, target := edge["source"].(string), edge["target"].(string)
		assert.Less(t, at[source][0], at[target][0], "%s is left of %s, which it calls", source, target)
	}
	assert.Equal(t, at, framestest.Places(t, draw(t, bookinfo(), ask(t, `{"layout": "layered", "colorBy": "mtls", "nodeStats": ["p95"]}`))),
		"what is shown of nodes moves none")
}

// TestLayeredAtEachLevel: of each level, with all that graphs may have in them,
// places keep to the contract.
func TestLayeredAtEachLevel(t *testing.T) {
	for _, level := range topology.Levels {
		for name, flows := range map[string][]topology.Flow{"bookinfo": bookinfo(), "odd": oddities(), "nothing": nil, "large": derivedtest.Mesh(2000)} {
			made := draw(t, flows, ask(t, `{"layout": "layered", "idle": true, "serviceNodes": true, "limit": 200, "level": "`+string(level)+`"}`))
			x, _ := made[0].FieldByName("fixedx")
			require.NotNil(t, x, "%s by %s: even without a row", name, level)
		}
	}
}

// TestLayeredStays: what comes and goes elsewhere leaves a node's place to it.
func TestLayeredStays(t *testing.T) {
	q := ask(t, `{"layout": "layered"}`)
	before := framestest.Places(t, draw(t, bookinfo(), q))
	more := append(bookinfo(), flow(peer("bookinfo", "reviews-v2"), peer("bookinfo", "audit-v1"), service("bookinfo", "audit"), topology.HTTP, code("200", 60)))
	after := framestest.Places(t, draw(t, more, q))
	require.Len(t, after, len(before)+1)
	for id, at := range before {
		assert.InDelta(t, at[0], after[id][0], 170, id)
		assert.InDelta(t, at[1], after[id][1], 150, id)
	}
}
