// Package deploy_test checks, without an engine, that what is deployed from here fits together and fits the tree: the
// images, the compose project, and the files that it mounts.
package deploy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
)

// The paths are as seen from this folder.
const (
	root       = ".."
	dockerfile = "images/Dockerfile"
)

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	require.NoError(t, err)
	return string(text)
}

// stages are the stages of the Dockerfile, by name.
func stages(t *testing.T) map[string]instructions.Stage {
	t.Helper()
	parsed, err := parser.Parse(bytes.NewBufferString(read(t, dockerfile)))
	require.NoError(t, err)
	list, _, err := instructions.Parse(parsed.AST, nil)
	require.NoError(t, err)
	all := map[string]instructions.Stage{}
	for _, s := range list {
		require.NotEmpty(t, s.Name, "a stage without a name")
		all[s.Name] = s
	}
	return all
}

// commands are those of a stage, of one kind, and of the stages that it is made from.
func commands[C instructions.Command](t *testing.T, name string) []C {
	t.Helper()
	all := stages(t)
	require.Contains(t, all, name)
	var found []C
	for s, ok := all[name]; ok; s, ok = all[s.BaseName] {
		for _, command := range s.Commands {
			if c, is := command.(C); is {
				found = append(found, c)
			}
		}
	}
	return found
}

// A registry answers for a registry of images, and remembers which it was asked for. What it says of an image is what
// that image is known to be like.
type registry struct{ asked []string }

// ResolveImageConfig returns the configuration of an image.
func (r *registry) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	r.asked = append(r.asked, ref)
	image := ocispecs.Image{Platform: *opt.ImageOpt.Platform}
	switch {
	case strings.HasSuffix(ref, ":nonroot"):
		image.Config.User = "65532"
	case strings.Contains(ref, "/grafana:"):
		image.Config.User = "472"
	}
	text, err := json.Marshal(image)
	return ref, "", text, err
}

// plan has BuildKit prepare a build, which is all of it but running it: stages, arguments and mounts are resolved, and
// BuildKit's own checks are made. It returns what the image would be like.
func plan(t *testing.T, target, arch string, from *registry) ocispecs.ImageConfig {
	t.Helper()
	result, err := dockerfile2llb.Dockerfile2LLB(t.Context(), []byte(read(t, dockerfile)), dockerfile2llb.ConvertOpt{
		Config: dockerui.Config{
			Target:         target,
			BuildArgs:      map[string]string{"VERSION": "1.2.3", "REVISION": "abcdef"},
			BuildPlatforms: []ocispecs.Platform{{OS: "linux", Architecture: "amd64"}},
		},
		TargetPlatform: &ocispecs.Platform{OS: "linux", Architecture: arch},
		MetaResolver:   from,
		Warn: func(rule, _, _, message string, at []parser.Range) {
			t.Errorf("%s:%d: %s (%s)", dockerfile, at[0].Start.Line, message, rule)
		},
	})
	require.NoError(t, err)
	_, err = result.State.Marshal(t.Context())
	require.NoError(t, err)
	return result.Image.Config.ImageConfig
}
