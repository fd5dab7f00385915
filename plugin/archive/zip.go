package main

import (
	"archive/zip"
	"fmt"
	"io"
	"io/fs"
	"path"
	"time"

	"github.com/meshscope/meshscope/plugin/catalog"
)

// write writes the archive: one folder with the plugin's name. Of equal files it is equal to the byte: they are sorted,
// all of one time, and may be read by all and run if they are programs, whatever they are on this machine.
func write(to io.Writer, plugin fs.FS, about catalog.Metadata, at time.Time) error {
	archive := zip.NewWriter(to)
	err := fs.WalkDir(plugin, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if !entry.Type().IsRegular() {
			return fmt.Errorf("%s: it is no file", name)
		}
		header := &zip.FileHeader{Name: path.Join(about.ID, name), Method: zip.Deflate, Modified: at}
		header.SetMode(0o644)
		if _, ok := about.IsExecutable(name); ok {
			header.SetMode(0o755)
		}
		content, err := plugin.Open(name)
		if err != nil {
			return err
		}
		defer content.Close()
		into, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		_, err = io.Copy(into, content)
		return err
	})
	if err != nil {
		return err
	}
	return archive.Close()
}
