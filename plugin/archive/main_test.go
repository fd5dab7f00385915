package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha1" //nolint:gosec // is what the catalog's form asks for
	"crypto/sha256"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/plugin/catalog"
)

const metadata = `{
  "type": "datasource", "name": "Mesh", "id": "acme-mesh-datasource", "buildMode": "production",
  "backend": true, "metrics": true, "alerting": true, "annotations": true, "executable": "gpx_mesh",
  "info": {
    "description": "A mesh.", "author": {"name": "Acme"}, "keywords": ["mesh"],
    "logos": {"small": "img/logo.svg", "large": "img/logo.svg"},
    "links": [{"name": "Source", "url": "https://example.com/mesh"}],
    "screenshots": [{"name": "The mesh", "path": "img/mesh.png"}],
    "version": "1.2.3", "updated": "2026-01-02"
  },
  "dependencies": {"grafanaDependency": ">=11.1.0-0"}
}`

// header is the beginning of a program for a platform, by which it is known.
func header(t *testing.T, platform string) string {
	t.Helper()
	var text bytes.Buffer
	put := func(value any) { require.NoError(t, binary.Write(&text, binary.LittleEndian, value)) }
	arm := strings.HasSuffix(platform, "_arm64")
	switch system, _, _ := strings.Cut(platform, "_"); system {
	case "linux":
		h := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(elf.EM_X86_64), Version: 1, Ehsize: 64, Phentsize: 56, Shentsize: 64}
		copy(h.Ident[:], elf.ELFMAG+"\x02\x01\x01")
		if arm {
			h.Machine = uint16(elf.EM_AARCH64)
		}
		put(h)
	case "darwin":
		h := macho.FileHeader{Magic: macho.Magic64, Cpu: macho.CpuAmd64, Type: macho.TypeExec}
		if arm {
			h.Cpu = macho.CpuArm64
		}
		put(h)
		put(uint32(0))
	case "windows":
		text.WriteString("MZ" + strings.Repeat("\x00", 58) + "\x40\x00\x00\x00" + "PE\x00\x00")
		h := pe.FileHeader{Machine: pe.IMAGE_FILE_MACHINE_AMD64}
		if arm {
			h.Machine = pe.IMAGE_FILE_MACHINE_ARM64
		}
		put(h)
		text.WriteString(strings.Repeat("\x00", 96)) // for readers of the header of DOS
	}
	return text.String()
}

// built is a folder as builds leave it.
func built(t *testing.T) string {
	t.Helper()
	var shot bytes.Buffer
	require.NoError(t, png.Encode(&shot, image.NewGray(image.Rect(0, 0, 1200, 10))))
	files := map[string]string{
		"plugin.json": metadata, "module.js": "define()", "module.js.map": "{}", "README.md": "![a](https://example.com/a.png)",
		"CHANGELOG.md": "## 1.2.3\n", "LICENSE": "Apache License\nVersion 2.0, January 2004\n", "go_plugin_build_manifest": "00:a.go\n",
		"img/logo.svg": "<svg/>", "img/mesh.png": shot.String(),
		"gpx_mesh_linux_arm": "of another build",
	}
	for _, platform := range catalog.Platforms {
		files[catalog.Metadata{Executable: "gpx_mesh"}.ExecutableFor(platform)] = header(t, platform)
	}
	folder := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o700))
		// Whatever the modes are on this machine, and the times.
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	return folder
}

func packed(t *testing.T, arguments ...string) (string, *zip.ReadCloser) {
	t.Helper()
	var out strings.Builder
	require.NoError(t, run(arguments, &out))
	name := strings.TrimSpace(out.String())
	archive, err := zip.OpenReader(name)
	require.NoError(t, err)
	t.Cleanup(func() { archive.Close() })
	return name, archive
}

func TestArchive(t *testing.T) {
	const seconds = 1_790_000_000
	name, archive := packed(t, "-version=1.2.3", fmt.Sprintf("-time=%d", seconds), built(t), t.TempDir())
	require.Equal(t, "acme-mesh-datasource-1.2.3.zip", filepath.Base(name))
	var got []string
	for _, file := range archive.File {
		got = append(got, fmt.Sprintf("%s %s", file.Mode(), file.Name))
		require.True(t, file.Modified.Equal(time.Unix(seconds, 0)), "%s is of %s", file.Name, file.Modified)
	}
	require.Equal(t, strings.Fields(strings.ReplaceAll(`
		-rw-r--r--|CHANGELOG.md
		-rw-r--r--|LICENSE
		-rw-r--r--|README.md
		-rw-r--r--|go_plugin_build_manifest
		-rwxr-xr-x|gpx_mesh_darwin_amd64
		-rwxr-xr-x|gpx_mesh_darwin_arm64
		-rwxr-xr-x|gpx_mesh_linux_amd64
		-rwxr-xr-x|gpx_mesh_linux_arm64
		-rwxr-xr-x|gpx_mesh_windows_amd64.exe
		-rwxr-xr-x|gpx_mesh_windows_arm64.exe
		-rw-r--r--|img/logo.svg
		-rw-r--r--|img/mesh.png
		-rw-r--r--|module.js
		-rw-r--r--|module.js.map
		-rw-r--r--|plugin.json`, "|", "|acme-mesh-datasource/")), strings.Fields(strings.ReplaceAll(strings.Join(got, "\n"), " ", "|")))

	program, err := archive.Open("acme-mesh-datasource/gpx_mesh_windows_arm64.exe")
	require.NoError(t, err)
	content, err := io.ReadAll(program)
	require.NoError(t, err)
	require.Equal(t, header(t, "windows_arm64"), string(content))
}

func TestEqualFoldersGiveEqualArchives(t *testing.T) {
	first, _ := packed(t, "-version=1.2.3", built(t), t.TempDir())
	second, _ := packed(t, "-version=1.2.3", built(t), t.TempDir())
	require.Equal(t, read(t, first), read(t, second))
}

func TestChecksums(t *testing.T) {
	name, _ := packed(t, "-version=1.2.3", built(t), t.TempDir())
	archive, base := read(t, name), filepath.Base(name)
	require.Equal(t, fmt.Sprintf("%x  %s\n", sha1.Sum(archive), base), string(read(t, name+".sha1"))) //nolint:gosec // as above
	require.Equal(t, fmt.Sprintf("%x  %s\n", sha256.Sum256(archive), base), string(read(t, name+".sha256")))
}

func TestArchiveForOnePlatform(t *testing.T) {
	name, archive := packed(t, "-version=1.2.3", "-platforms=linux_arm64", built(t), t.TempDir())
	require.Equal(t, "acme-mesh-datasource-1.2.3.linux_arm64.zip", filepath.Base(name))
	var programs []string
	for _, file := range archive.File {
		if file.Mode()&0o111 != 0 {
			programs = append(programs, file.Name)
		}
	}
	require.Equal(t, []string{"acme-mesh-datasource/gpx_mesh_linux_arm64"}, programs)
}

func TestWhatIsNotPacked(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(folder string) error
		more   []string
		want   string
	}{
		{"another version", nil, []string{"-version=1.2.4"}, `info.version "1.2.3": the release is "1.2.4"`},
		{"some platforms", nil, []string{"-platforms=linux_arm64 darwin_arm64"}, "want one of"},
		{"an unknown platform", nil, []string{"-platforms=plan9_amd64"}, "want one of"},
		{"no front end", func(folder string) error { return os.Remove(folder + "/module.js") }, nil, "module.js: there is none"},
		{"no executable", func(folder string) error { return os.Remove(folder + "/gpx_mesh_darwin_arm64") }, nil, "gpx_mesh_darwin_arm64: there is none"},
		{"an executable of another platform", func(folder string) error {
			return os.Rename(folder+"/gpx_mesh_linux_arm64", folder+"/gpx_mesh_linux_amd64")
		}, []string{"-platforms=linux_amd64"}, "gpx_mesh_linux_amd64: it is built for linux_arm64"},
		{"a file that is none", func(folder string) error { return os.Symlink("LICENSE", folder+"/query_help.md") }, nil, "query_help.md: it is no file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			from, to := built(t), t.TempDir()
			if test.change != nil {
				require.NoError(t, test.change(from))
			}
			require.ErrorContains(t, run(append(append([]string{"-version=1.2.3"}, test.more...), from, to), io.Discard), test.want)
			left, err := os.ReadDir(to)
			require.NoError(t, err)
			require.Empty(t, left, "no part of an archive is left")
		})
	}
}

// TestPlatformsOfMake holds what make builds by itself to what the catalog is given.
func TestPlatformsOfMake(t *testing.T) {
	require.Contains(t, string(read(t, "../../Makefile")), "\nPLATFORMS ?= "+strings.Join(catalog.Platforms, " ")+"\n")
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return text
}
