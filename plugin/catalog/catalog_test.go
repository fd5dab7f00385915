package catalog_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/plugin/catalog"
)

const metadata = `{
  "type": "datasource", "name": "Mesh", "id": "acme-mesh-datasource", "buildMode": "production",
  "backend": true, "metrics": true, "alerting": true, "annotations": true, "executable": "gpx_mesh",
  "info": {
    "description": "A mesh.", "author": {"name": "Acme"}, "keywords": ["mesh", "istio"],
    "logos": {"small": "img/logo.svg", "large": "img/logo.svg"},
    "links": [{"name": "Source", "url": "https://example.com/mesh"}],
    "screenshots": [{"name": "The mesh", "path": "img/mesh.png"}],
    "version": "1.2.3", "updated": "2026-01-02"
  },
  "includes": [{"type": "dashboard", "name": "Overview", "path": "dashboards/overview.json"}],
  "dependencies": {"grafanaDependency": ">=11.1.0-0"}
}`

// picture is a PNG of a width.
func picture(t *testing.T, width int) string {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, png.Encode(&text, image.NewGray(image.Rect(0, 0, width, 10))))
	return text.String()
}

// good is a plugin that has no fault, but for what changes say; an empty text removes a file.
func good(t *testing.T, changes map[string]string) fstest.MapFS {
	t.Helper()
	texts := map[string]string{
		"plugin.json":              metadata,
		"module.js":                "define([],function(){})",
		"module.js.map":            "{}",
		"README.md":                "# Mesh\n\n## First steps\n\nSee [above](#first-steps) and ![it](https://example.com/mesh.png).\n",
		"CHANGELOG.md":             "# Changelog\n\n## 1.2.3\n\n- It is there.\n",
		"LICENSE":                  "Apache License\nVersion 2.0, January 2004\n",
		"go_plugin_build_manifest": "00:pkg/main.go\n",
		"img/logo.svg":             `<svg xmlns="http://www.w3.org/2000/svg"><circle r="5" fill="#000"/></svg>`,
		"img/mesh.png":             picture(t, 1200),
		"dashboards/overview.json": `{"uid": "overview", "title": "Overview"}`,
	}
	maps.Copy(texts, changes)
	plugin := fstest.MapFS{}
	for name, text := range texts {
		if text != "" {
			plugin[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return plugin
}

func TestAGoodPluginHasNoFaults(t *testing.T) {
	require.Empty(t, catalog.Faults(good(t, nil), catalog.Release{Version: "1.2.3"}))
	// What is not yet a release has no heading in the changelog.
	require.Empty(t, catalog.Faults(good(t, map[string]string{"plugin.json": strings.Replace(metadata, "1.2.3", "1.3.0-dev", 1)}), catalog.Release{Version: "1.3.0-dev"}))
}

// TestFaults changes one thing at a time.
func TestFaults(t *testing.T) {
	says := func(field, other string) map[string]string {
		require.Equal(t, 1, strings.Count(metadata, field), "%s is in the metadata once", field)
		return map[string]string{"plugin.json": strings.Replace(metadata, field, other, 1)}
	}
	for _, test := range []struct {
		name    string
		changes map[string]string
		want    string
	}{
		{"no metadata", map[string]string{"plugin.json": ""}, "plugin.json tells what the plugin is"},
		{"broken metadata", map[string]string{"plugin.json": "{"}, "plugin.json: unexpected end"},
		{"an id without its kind", says("acme-mesh-datasource", "acme-mesh"), `id "acme-mesh": want`},
		{"no backend", says(`"backend": true`, `"backend": false`), "plugin.json: backend, alerting"},
		{"a build for development", says("production", "development"), `buildMode "development"`},
		{"a version of Grafana that leaves out previews", says(">=11.1.0-0", ">=11.1.0"), `grafanaDependency ">=11.1.0"`},
		{"no description", says("A mesh.", ""), "info.description"},
		{"no keywords", says(`"mesh", "istio"`, ""), "info.keywords: none"},
		{"a keyword twice", says(`"mesh", "istio"`, `"mesh", "istio", "mesh"`), "one is there twice"},
		{"a link without TLS", says("https://example.com/mesh", "http://example.com/mesh"), "info.links"},
		{"another version", says(`"version": "1.2.3"`, `"version": "1.2.2"`), `info.version "1.2.2": the release is "1.2.3"`},
		{"a date that was not replaced", says("2026-01-02", "%TODAY%"), "info.updated"},
		{"no screenshots", says(`{"name": "The mesh", "path": "img/mesh.png"}`, ""), "info.screenshots: none"},
		{"a screenshot that is not there", says("img/mesh.png", "img/other.png"), `there is no "img/other.png"`},
		{"a path from the root", says("img/mesh.png", "/img/mesh.png"), `there is no "/img/mesh.png"`},
		{"a screenshot that is none", map[string]string{"img/mesh.png": "GIF89a"}, "img/mesh.png: image: unknown format"},
		{"a small screenshot", map[string]string{"img/mesh.png": picture(t, 200)}, "img/mesh.png: 200 pixels wide"},
		{"a heavy screenshot", map[string]string{"img/mesh.png": picture(t, 1200) + strings.Repeat(" ", 1<<20)}, "want at most 1048576"},
		{"no logo", map[string]string{"img/logo.svg": ""}, `info.logos: there is no "img/logo.svg"`},
		{"a logo that runs", map[string]string{"img/logo.svg": `<svg><script>1</script></svg>`}, "the element script"},
		{"a logo that reacts", map[string]string{"img/logo.svg": `<svg onload="1"/>`}, "the attribute onload"},
		{"an unlisted dashboard", map[string]string{"dashboards/more.json": `{}`}, "dashboards/more.json is not in it"},
		{"a dashboard that is not there", map[string]string{"dashboards/overview.json": ""}, `includes: there is no "dashboards/overview.json"`},
		{"a dashboard with another title", map[string]string{"dashboards/overview.json": `{"uid": "a", "title": "B"}`}, `is "B" in its file`},
		{"a dashboard without uid", map[string]string{"dashboards/overview.json": `{"title": "Overview"}`}, "it has no uid"},
		{"a dashboard that asks", map[string]string{"dashboards/overview.json": `{"uid": "a", "title": "Overview", "__inputs": [{}]}`}, "__inputs"},
		{"no README", map[string]string{"README.md": ""}, "README.md: there is none"},
		{"a relative link", map[string]string{"README.md": "![a](https://b) [c](../docs/c.md)"}, "README.md: the link to ../docs/c.md"},
		{"a relative picture", map[string]string{"README.md": "![a](img/a.png)"}, "README.md: the link to img/a.png"},
		{"a link to a heading that is not there", map[string]string{"README.md": "![a](https://b) [c](#d)"}, "leads to no heading"},
		{"a README without pictures", map[string]string{"README.md": "Mesh"}, "no picture"},
		{"the scaffold's README", map[string]string{"README.md": "![a](https://b) Grafana data source plugin template"}, `"plugin template" is not for`},
		{"a comment", map[string]string{"README.md": "![a](https://b) <!-- c -->"}, `"<!--" is not for`},
		{"no changelog", map[string]string{"CHANGELOG.md": ""}, "CHANGELOG.md: there is none"},
		{"a changelog without the release", map[string]string{"CHANGELOG.md": "## 1.2.30"}, "no heading ## 1.2.3"},
		{"no license", map[string]string{"LICENSE": ""}, "LICENSE: there is none"},
		{"another license", map[string]string{"LICENSE": "Mine."}, "it is not the Apache License"},
		{"no front end", map[string]string{"module.js": "", "module.js.map": ""}, "module.js: there is none"},
		{"a front end of another version", map[string]string{"module.js": "/* [create-plugin] plugin: acme-mesh-datasource@1.2.2 */define()"}, "module.js: it is 1.2.2 by package.json"},
		{"what React has no more", map[string]string{"module.js": "define();a.findDOMNode(b)"}, "findDOMNode is not in React 19"},
		{"no source map", map[string]string{"module.js.map": ""}, "it has no source map"},
		{"no list of sources", map[string]string{"go_plugin_build_manifest": ""}, "go_plugin_build_manifest: there is none"},
		{"what builds leave", map[string]string{"testdata/a.json": "{}"}, "testdata/a.json: it is no part"},
		{"an executable that nobody asked for", map[string]string{"gpx_mesh_linux_arm": "a"}, "gpx_mesh_linux_arm: it is not asked for"},
		{"a signature of something else", map[string]string{"MANIFEST.txt": "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n" +
			`{"plugin": "acme-mesh-datasource", "version": "1.2.3", "files": {"gone.js": ""}}` +
			"\n-----BEGIN PGP SIGNATURE-----\n"}, "module.js: it is not what was signed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			faults := catalog.Faults(good(t, test.changes), catalog.Release{Version: "1.2.3"})
			require.ErrorContains(t, errors.Join(faults...), test.want)
		})
	}
}

// TestExecutables takes this test for the backend of the machine that it runs on.
func TestExecutables(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	program, err := os.ReadFile(self)
	require.NoError(t, err)
	here := slices.IndexFunc(catalog.Platforms, func(platform string) bool {
		plugin := good(t, map[string]string{(catalog.Metadata{Executable: "gpx_mesh"}).ExecutableFor(platform): string(program)})
		return len(catalog.Faults(plugin, catalog.Release{Version: "1.2.3", Platforms: []string{platform}})) == 0
	})
	require.GreaterOrEqual(t, here, 0, "this test is a program for one of the platforms")

	other := catalog.Platforms[(here+1)%len(catalog.Platforms)]
	name := (catalog.Metadata{Executable: "gpx_mesh"}).ExecutableFor(other)
	for text, want := range map[string]string{
		string(program): "it is built for " + catalog.Platforms[here],
		"#!/bin/sh":     "it is no program for any of",
		"":              "there is none",
	} {
		faults := catalog.Faults(good(t, map[string]string{name: text}), catalog.Release{Version: "1.2.3", Platforms: []string{other}})
		require.ErrorContains(t, errors.Join(faults...), name+": "+want)
	}
}
