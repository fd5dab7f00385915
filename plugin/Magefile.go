//go:build mage

// Targets that build the data source as Grafana expects it: "mage build:linux"
// and its like compile ./pkg into dist, and "mage assets" lays what comes with
// it beside. Run them in this folder.
package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	// mage:import
	"github.com/grafana/grafana-plugin-sdk-go/build"
	"github.com/magefile/mage/mg"
)

// Default builds the backend for this machine, and lays the assets beside it.
var Default = Dist

// dist is what Grafana takes as the plugin's folder.
const dist = "dist"

// Dist builds the backend for this machine and lays the assets beside it.
func Dist() {
	mg.Deps(build.Build{}.Backend, Assets)
}

// Assets lays plugin.json, images and documents into dist. VERSION is the
// version to state, 0.0.0 without one.
func Assets() error {
	version := os.Getenv("VERSION")
	if version == "" {
		version = "0.0.0"
	}
	stamp := func(text []byte) []byte {
		text = bytes.ReplaceAll(text, []byte("%VERSION%"), []byte(version))
		return bytes.ReplaceAll(text, []byte("%TODAY%"), []byte(time.Now().UTC().Format(time.DateOnly)))
	}
	err := filepath.WalkDir("src", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !isAsset(path) {
			return err
		}
		inner, err := filepath.Rel("src", path)
		if err != nil {
			return err
		}
		return lay(path, inner, stamp)
	})
	return errors.Join(err,
		lay("README.md", "README.md", stamp),
		lay("CHANGELOG.md", "CHANGELOG.md", stamp),
		lay(filepath.Join("..", "LICENSE"), "LICENSE", nil))
}

// isAsset tells the files that are taken as they are from what is compiled.
func isAsset(path string) bool {
	switch filepath.Ext(path) {
	case ".json", ".svg", ".png":
		return true
	}
	return false
}

func lay(from, to string, change func([]byte) []byte) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if change != nil {
		text = change(text)
	}
	to = filepath.Join(dist, to)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}
