package catalog

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// ExecutableFor is the file that Grafana starts on a platform.
func (m Metadata) ExecutableFor(platform string) string {
	name := m.Executable + "_" + platform
	if strings.HasPrefix(platform, "windows_") {
		name += ".exe"
	}
	return name
}

// IsExecutable tells whether a file of the plugin is its backend for some
// platform, and for which.
func (m Metadata) IsExecutable(file string) (platform string, ok bool) {
	platform, ok = strings.CutPrefix(strings.TrimSuffix(file, ".exe"), m.Executable+"_")
	return platform, ok && m.Executable != ""
}

func (p *packed) checkExecutables() {
	for _, file := range p.files {
		platform, ok := p.about.IsExecutable(file)
		if ok && !slices.Contains(p.release.Platforms, platform) {
			p.fault(file, "it is not asked for")
		}
	}
	for _, platform := range p.release.Platforms {
		file := p.about.ExecutableFor(platform)
		program, err := fs.ReadFile(p, file)
		if err != nil {
			p.fault(file, "there is none")
			continue
		}
		if is, err := builtFor(program); err != nil {
			p.fault(file, "%w", err)
		} else if is != platform {
			p.fault(file, "it is built for %s", is)
		}
	}
}

var processors = map[any]string{
	elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64",
	macho.CpuAmd64: "amd64", macho.CpuArm64: "arm64",
	uint16(pe.IMAGE_FILE_MACHINE_AMD64): "amd64", uint16(pe.IMAGE_FILE_MACHINE_ARM64): "arm64",
}

// builtFor is the platform of a program, by its own header.
func builtFor(program []byte) (string, error) {
	from := bytes.NewReader(program)
	system, processor := "", any(nil)
	if f, err := elf.NewFile(from); err == nil {
		system, processor = "linux", f.Machine
	} else if f, err := macho.NewFile(from); err == nil {
		system, processor = "darwin", f.Cpu
	} else if f, err := pe.NewFile(from); err == nil {
		system, processor = "windows", f.Machine
	}
	if system == "" || processors[processor] == "" {
		return "", fmt.Errorf("it is no program for any of %s", strings.Join(Platforms, ", "))
	}
	return system + "_" + processors[processor], nil
}
