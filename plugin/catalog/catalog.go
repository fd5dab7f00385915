// Package catalog has what Grafana's catalog of plugins asks of an archive, as
// rules, as far as they can be told from the archive alone. Grafana's own
// plugin-validator checks most of them too, with others that need the network.
package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// Platforms are what releases are built for, as executables are named.
var Platforms = []string{"linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64", "windows_arm64"}

// Release is what an archive is meant to be.
type Release struct {
	Version string
	// Platforms are those that there are executables for.
	Platforms []string
}

// Faults are what the catalog would refuse in the folder of a plugin, as it is
// in the archive; each names the file.
func Faults(plugin fs.FS, release Release) []error {
	about, err := Read(plugin)
	if err != nil {
		return []error{err}
	}
	files, err := list(plugin)
	if err != nil {
		return []error{err}
	}
	p := &packed{FS: plugin, files: files, about: about, release: release}
	for _, rule := range []func(*packed){
		(*packed).checkFiles, (*packed).checkMetadata, (*packed).checkLogos, (*packed).checkScreenshots, (*packed).checkDashboards,
		(*packed).checkReadme, (*packed).checkChangelog, (*packed).checkLicense, (*packed).checkExecutables, (*packed).checkSignature,
	} {
		rule(p)
	}
	return p.faults
}

// packed is a plugin's folder that is looked at.
type packed struct {
	fs.FS
	files   []string
	about   Metadata
	release Release
	faults  []error
}

func (p *packed) fault(file, format string, arguments ...any) {
	p.faults = append(p.faults, fmt.Errorf("%s: %w", file, fmt.Errorf(format, arguments...)))
}

// text is that of a file which every plugin has. Without it, that is the fault.
func (p *packed) text(file string) (string, bool) {
	text, err := fs.ReadFile(p, file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.fault(file, "there is none")
	case err != nil:
		p.fault(file, "%w", err)
	case len(text) == 0:
		p.fault(file, "it is empty")
	}
	return string(text), err == nil && len(text) > 0
}

func (p *packed) has(file string) bool { return slices.Contains(p.files, file) }

// list is the names of all files, sorted.
func list(plugin fs.FS) ([]string, error) {
	var files []string
	err := fs.WalkDir(plugin, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, name)
		}
		return err
	})
	return files, err
}
