// Command archive packs the folder that the data source was built into as an
// archive that Grafana's catalog takes and users unpack, with its checksums
// beside it. What the catalog would refuse is not packed.
package main

import (
	"crypto/sha1" //nolint:gosec // is what the catalog's form asks for
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/meshscope/meshscope/plugin/catalog"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "archive:", err)
		os.Exit(1)
	}
}

func run(arguments []string, out io.Writer) error {
	flags := flag.NewFlagSet("archive", flag.ContinueOnError)
	version := flags.String("version", "", "the version, which must be that of plugin.json")
	platforms := flags.String("platforms", strings.Join(catalog.Platforms, " "), "what there are executables for: one, or all")
	seconds := flags.Int64("time", 0, "the time of all files in the archive, in seconds since 1970")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if flags.NArg() != 2 {
		return fmt.Errorf("want the folder of the plugin, and the folder for the archive, got %q", flags.Args())
	}
	release := catalog.Release{Version: *version, Platforms: strings.Fields(*platforms)}
	name, err := pack(flags.Arg(0), flags.Arg(1), release, time.Unix(*seconds, 0).UTC())
	if err == nil {
		fmt.Fprintln(out, name)
	}
	return err
}

// pack writes the archive of a folder into another, and gives its name.
func pack(from, to string, release catalog.Release, at time.Time) (string, error) {
	plugin := os.DirFS(from)
	about, err := catalog.Read(plugin)
	if err != nil {
		return "", fmt.Errorf("%s: %w", from, err)
	}
	suffix, err := suffixFor(release.Platforms)
	if err != nil {
		return "", err
	}
	plugin = only{FS: plugin, about: about, platforms: release.Platforms}
	if faults := catalog.Faults(plugin, release); len(faults) > 0 {
		return "", fmt.Errorf("%s is not ready to be packed:\n%w", from, errors.Join(faults...))
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return "", err
	}
	name := filepath.Join(to, about.ID+"-"+release.Version+suffix+".zip")
	sums := map[string]hash.Hash{".sha1": sha1.New(), ".sha256": sha256.New()} //nolint:gosec // as above
	err = replace(name, func(file io.Writer) error {
		return write(io.MultiWriter(file, sums[".sha1"], sums[".sha256"]), plugin, about, at)
	})
	if err != nil {
		return "", err
	}
	for form, sum := range sums {
		line := fmt.Sprintf("%x  %s\n", sum.Sum(nil), filepath.Base(name))
		if err := os.WriteFile(name+form, []byte(line), 0o644); err != nil {
			return "", err
		}
	}
	return name, nil
}

// suffixFor is what the name of an archive says of its platforms: that of all
// has none.
func suffixFor(platforms []string) (string, error) {
	switch {
	case slices.Equal(slices.Sorted(slices.Values(platforms)), slices.Sorted(slices.Values(catalog.Platforms))):
		return "", nil
	case len(platforms) == 1 && slices.Contains(catalog.Platforms, platforms[0]):
		return "." + platforms[0], nil
	}
	return "", fmt.Errorf("platforms %q: want one of %s, or all of them", platforms, strings.Join(catalog.Platforms, ", "))
}

// replace writes a file in one piece, so that there is never a part of it under its name.
func replace(name string, content func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(name), ".archive-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // is gone by then, if all went well
	if err := errors.Join(content(file), file.Chmod(0o644), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), name)
}

// only is a plugin's folder without the executables of other platforms, which earlier builds leave there.
type only struct {
	fs.FS
	about     catalog.Metadata
	platforms []string
}

// ReadDir hides them from those who list the folder.
func (o only) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	return slices.DeleteFunc(entries, func(entry fs.DirEntry) bool {
		platform, ok := o.about.IsExecutable(entry.Name())
		return ok && !slices.Contains(o.platforms, platform)
	}), err
}
