package deploy_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
)

const composeFolder = "compose"

// ways are how the project is used: each is a file that README.md has copied to .env, or none.
var ways = map[string]string{
	"demo": os.DevNull,
	"own":  "own.env",
}

// project loads the compose project as the docker command does in its folder, but for the variables of whoever runs
// this. It goes to that folder for a moment: tests that run side by side load theirs before they do.
func project(t *testing.T, way string) *types.Project {
	t.Helper()
	back, err := os.Getwd()
	require.NoError(t, err)
	require.NoError(t, os.Chdir(composeFolder))
	defer func() { require.NoError(t, os.Chdir(back)) }()
	options, err := cli.NewProjectOptions(nil,
		cli.WithEnvFiles(ways[way]),
		cli.WithDotEnv,
		cli.WithConfigFileEnv,
		cli.WithDefaultConfigPath,
	)
	require.NoError(t, err)
	p, err := options.LoadProject(t.Context())
	require.NoError(t, err)
	return p
}

// eachService calls a function with every service in every way of use.
func eachService(t *testing.T, check func(t *testing.T, p *types.Project, s types.ServiceConfig)) {
	t.Helper()
	for way := range ways {
		p := project(t, way)
		require.NotEmpty(t, p.Services)
		for name, s := range p.Services {
			t.Run(way+" "+name, func(t *testing.T) { check(t, p, s) })
		}
	}
}

// onDisk is the path in the tree of what a service finds at a path, which has to be in what is mounted from the tree.
func onDisk(t *testing.T, s types.ServiceConfig, at string) string {
	t.Helper()
	for _, v := range s.Volumes {
		if inside, err := filepath.Rel(v.Target, at); err == nil && v.Type == types.VolumeTypeBind && filepath.IsLocal(inside) {
			return filepath.Join(v.Source, inside)
		}
	}
	require.Failf(t, "nothing of the tree is there", "%s in %s", at, s.Name)
	return ""
}
