package deploy_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/stretchr/testify/require"
)

// images are the targets of the Dockerfile that are images, with the users they run as.
var images = map[string]string{
	"exporter": "65532:65532",
	"demo":     "65532:65532",
	"plugin":   "65532:65532",
	"grafana":  "472:0",
}

// TestImages plans every image, and looks at what it would be.
func TestImages(t *testing.T) {
	titles := map[string]bool{}
	for target, user := range images {
		for _, arch := range []string{"amd64", "arm64"} {
			image := plan(t, target, arch, &registry{})
			require.Equal(t, user, image.User, "of %s", target)
			for label, want := range map[string]string{
				"title":       `^meshscope(-[a-z]+)*$`,
				"description": `\w`,
				"source":      `^https://github\.com/meshscope/meshscope$`,
				"version":     `^1\.2\.3$`,
				"revision":    `^abcdef$`,
			} {
				require.Regexp(t, want, image.Labels["org.opencontainers.image."+label], "%s of %s", label, target)
			}
			titles[image.Labels["org.opencontainers.image.title"]] = true
		}
	}
	require.Len(t, titles, len(images), "two images have one title")
	require.Equal(t, plan(t, "exporter", "amd64", &registry{}), plan(t, "", "amd64", &registry{}), "where no target is named")
}

// TestPrograms follows the programs from their packages to the entry points of their images.
func TestPrograms(t *testing.T) {
	for target, program := range map[string]string{"exporter": "meshscope", "demo": "meshscope-demo"} {
		require.DirExists(t, filepath.Join(root, "exporter/cmd", program))
		compile := commands[*instructions.RunCommand](t, target+"-program")
		require.Len(t, compile, 1)
		require.Regexp(t, `^go build .* -o /out/ \./exporter/cmd/`+program+`$`, strings.Join(compile[0].CmdLine, " "))

		copied := commands[*instructions.CopyCommand](t, target)
		require.Len(t, copied, 1, "into the image of %s", target)
		require.Equal(t, target+"-program", copied[0].From)
		require.Equal(t, []string{"/out/" + program}, copied[0].SourcePaths)
		require.Equal(t, copied[0].DestPath+program, plan(t, target, "amd64", &registry{}).Entrypoint[0])
	}
}

// TestBases checks what images are made from: what runs lies on distroless, on Grafana, or on nothing, and what
// compiles runs on the machine that builds.
func TestBases(t *testing.T) {
	all := stages(t)
	for target := range images {
		base := target
		for ; all[base].Name != ""; base = all[base].BaseName {
			require.Empty(t, all[base].Platform, "of stage %s", base)
		}
		require.Regexp(t, `^(gcr\.io/distroless/static-debian12:nonroot|grafana/grafana:[0-9.]+|scratch)$`, base, "of %s", target)
	}
	for name, s := range all {
		if regexp.MustCompile(`^(golang|node):`).MatchString(s.BaseName) {
			require.Equal(t, "$BUILDPLATFORM", s.Platform, "of stage %s", name)
		}
	}
}

// TestCachesAreOutsideOfImages checks that what compilers and package managers keep is kept by BuildKit alone.
func TestCachesAreOutsideOfImages(t *testing.T) {
	cache := map[string][]string{
		"go ":     {"/go/pkg/mod", "/root/.cache/go-build"},
		"npm ci ": {"/root/.npm"},
	}
	seen := map[string]bool{}
	for name := range stages(t) {
		for _, run := range commands[*instructions.RunCommand](t, name) {
			line := strings.Join(run.CmdLine, " ")
			for program, folders := range cache {
				if !strings.HasPrefix(line, program) {
					continue
				}
				seen[program] = true
				require.NoError(t, run.Expand(func(word string) (string, error) { return word, nil }))
				var mounted []string
				for _, mount := range instructions.GetMounts(run) {
					require.Equal(t, instructions.MountTypeCache, mount.Type)
					mounted = append(mounted, mount.Target)
				}
				require.ElementsMatch(t, folders, mounted, "of %q", line)
			}
		}
	}
	require.Len(t, seen, len(cache))
}

// TestVariablesOfShells checks that what shells take from their environment is declared: BuildKit checks this of its own
// instructions alone.
func TestVariablesOfShells(t *testing.T) {
	seen := 0
	for name := range stages(t) {
		declared := map[string]bool{}
		for _, arg := range commands[*instructions.ArgCommand](t, name) {
			for _, a := range arg.Args {
				declared[a.Key] = true
			}
		}
		for _, env := range commands[*instructions.EnvCommand](t, name) {
			for _, e := range env.Env {
				declared[e.Key] = true
			}
		}
		for _, run := range commands[*instructions.RunCommand](t, name) {
			for _, variable := range regexp.MustCompile(`\$\{?([A-Za-z_]+)`).FindAllStringSubmatch(strings.Join(run.CmdLine, " "), -1) {
				seen++
				require.True(t, declared[variable[1]], "$%s in stage %s", variable[1], name)
			}
		}
	}
	require.Positive(t, seen)
}

// TestStampIsTheMakefiles holds the version that programs in images tell to that of "make build".
func TestStampIsTheMakefiles(t *testing.T) {
	makefile := read(t, root, "Makefile")
	about := regexp.MustCompile(`(?m)^about\s+:= (\S+)$`).FindStringSubmatch(makefile)
	flags := regexp.MustCompile(`(?m)^ldflags\s+:= (.+)$`).FindStringSubmatch(makefile)
	require.NotNil(t, about)
	require.NotNil(t, flags)
	want := strings.NewReplacer("$(about)", about[1], "(", "", ")", "").Replace(flags[1])
	require.Contains(t, read(t, dockerfile), `LDFLAGS="`+want+`"`)
}
