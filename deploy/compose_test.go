package deploy_test

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
)

// TestServices says which services there are in each way of use.
func TestServices(t *testing.T) {
	for way, want := range map[string][]string{
		"demo": {"alertmanager", "grafana", "mesh", "meshscope", "prometheus"},
		"own":  {"alertmanager", "grafana", "meshscope", "prometheus"},
	} {
		require.Equal(t, want, slices.Sorted(maps.Keys(project(t, way).Services)), way)
	}
}

// TestServicesAreConfined checks that no service runs as root, writes but into its volumes, or can be reached from
// other machines.
func TestServicesAreConfined(t *testing.T) {
	eachService(t, func(t *testing.T, _ *types.Project, s types.ServiceConfig) {
		require.Regexp(t, `^[1-9][0-9]*:[0-9]+$`, s.User)
		require.True(t, s.ReadOnly)
		require.Equal(t, []string{"ALL"}, s.CapDrop)
		require.Empty(t, s.CapAdd)
		require.Equal(t, []string{"no-new-privileges:true"}, s.SecurityOpt)
		require.False(t, s.Privileged)
		require.NotEmpty(t, s.Ports)
		for _, port := range s.Ports {
			require.Equal(t, "127.0.0.1", port.HostIP)
		}
	})
}

// TestImagesOfServices checks that services run images of the Dockerfile, as the users that these have, or of others
// by a tag that says which.
func TestImagesOfServices(t *testing.T) {
	eachService(t, func(t *testing.T, _ *types.Project, s types.ServiceConfig) {
		if s.Build == nil {
			require.Regexp(t, `:v?[0-9]+\.[0-9]+\.[0-9]+$`, s.Image)
			return
		}
		context, err := filepath.Abs(root)
		require.NoError(t, err)
		require.Equal(t, context, s.Build.Context)
		require.Equal(t, filepath.Join("deploy", dockerfile), s.Build.Dockerfile)
		require.Contains(t, images, s.Build.Target)
		require.Equal(t, images[s.Build.Target], s.User)
		title := plan(t, s.Build.Target, "amd64", &registry{}).Labels["org.opencontainers.image.title"]
		require.Equal(t, title, s.Image)
	})
}

// TestMounts checks that what is mounted from the tree is there, and that nothing in it can be changed by a service.
func TestMounts(t *testing.T) {
	tree, err := filepath.Abs(root)
	require.NoError(t, err)
	eachService(t, func(t *testing.T, p *types.Project, s types.ServiceConfig) {
		targets := map[string]bool{}
		for _, v := range s.Volumes {
			require.False(t, targets[v.Target], "two mounts at %s", v.Target)
			targets[v.Target] = true
			switch v.Type {
			case types.VolumeTypeBind:
				inside, err := filepath.Rel(tree, v.Source)
				require.NoError(t, err)
				require.True(t, filepath.IsLocal(inside), "%s is outside of the tree", v.Source)
				_, err = filepath.EvalSymlinks(v.Source)
				require.NoError(t, err)
				require.True(t, v.ReadOnly, "%s can be written", v.Source)
				require.False(t, bool(v.Bind.CreateHostPath), "%s would be made as an empty folder where it is not there", v.Source)
			case types.VolumeTypeVolume:
				require.Contains(t, p.Volumes, v.Source)
			default:
				t.Errorf("a mount of type %s", v.Type)
			}
		}
	})
}

// TestDependencies checks that services wait only for what can be known of others: that one is healthy takes a check
// that its image can run, which those on distroless cannot.
func TestDependencies(t *testing.T) {
	eachService(t, func(t *testing.T, p *types.Project, s types.ServiceConfig) {
		if s.Build != nil && s.Build.Target != "grafana" {
			require.Nil(t, s.HealthCheck, "there is no program in the image that could check it")
		} else {
			require.NotNil(t, s.HealthCheck)
			require.Equal(t, "CMD", s.HealthCheck.Test[0], "no shell is needed")
		}
		for name, d := range s.DependsOn {
			require.Contains(t, p.Services, name)
			if d.Condition == types.ServiceConditionHealthy {
				require.NotNil(t, p.Services[name].HealthCheck, "%s waits until %s is healthy", s.Name, name)
			}
		}
	})
}

// TestOwnPrometheus follows the URL of one's own Prometheus to those that ask it.
func TestOwnPrometheus(t *testing.T) {
	p := project(t, "own")
	url := p.Environment["PROMETHEUS_URL"]
	require.NotEmpty(t, url)
	require.Contains(t, p.Services["meshscope"].Command, "--prometheus.url="+url)
	require.Equal(t, url, *p.Services["grafana"].Environment["ISTIO_PROMETHEUS_URL"])
	for _, name := range []string{"meshscope", "grafana"} {
		require.Equal(t, []string{"host-gateway"}, p.Services[name].ExtraHosts["host.docker.internal"])
	}
	// A Prometheus that is forwarded to 9090 of the machine is not in the way.
	require.NotEqual(t, "9090", p.Services["prometheus"].Ports[0].Published)
	require.Len(t, p.Services["prometheus"].Ports, 1)
}

// TestReadme holds what README.md tells of ports and variables to the files.
func TestReadme(t *testing.T) {
	text := read(t, composeFolder, "README.md")
	published := map[string]bool{}
	eachService(t, func(_ *testing.T, _ *types.Project, s types.ServiceConfig) {
		for _, port := range s.Ports {
			published[port.Published] = true
		}
	})
	told := map[string]bool{}
	for _, match := range regexp.MustCompile(`http://localhost:([0-9]+)`).FindAllStringSubmatch(text, -1) {
		told[match[1]] = true
	}
	require.Equal(t, published, told)

	known := read(t, composeFolder, "compose.yaml") + read(t, composeFolder, "compose.own.yaml")
	variables := regexp.MustCompile("`([A-Z]+_[A-Z_]+)`").FindAllStringSubmatch(text, -1)
	require.NotEmpty(t, variables)
	for _, match := range variables {
		require.Contains(t, known, "${"+match[1]+":")
	}
}
