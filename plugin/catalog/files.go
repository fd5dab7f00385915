package catalog

import (
	"path"
	"regexp"
	"strings"
)

// shipped is what a plugin is made of. What else a build leaves in its folder has no place in an archive.
var shipped = regexp.MustCompile(`^(plugin\.json|module\.js(\.map)?|[0-9A-Za-z_-]+\.js(\.map)?|README\.md|CHANGELOG\.md|LICENSE|query_help\.md|` +
	`go_plugin_build_manifest|MANIFEST\.txt|gpx_[0-9a-z_]+(\.exe)?|img/[0-9A-Za-z_-]+\.(svg|png|jpeg)|dashboards/[0-9a-z-]+\.json)$`)

// stampForm is what builds write into the front end: the plugin, and the version of package.json.
var stampForm = regexp.MustCompile(`\[create-plugin\] plugin: [0-9a-z-]+@(\S+)`)

// gone is what React 18 had and React 19 does not, in whatever the front end is made of.
var gone = regexp.MustCompile(`__SECRET_INTERNALS_DO_NOT_USE_OR_YOU_WILL_BE_FIRED|\b(findDOMNode|unmountComponentAtNode|createFactory)\b|\bReactDOM\.(render|hydrate)\b`)

func (p *packed) checkFiles() {
	for _, file := range p.files {
		if !shipped.MatchString(file) {
			p.fault(file, "it is no part of a plugin")
		}
		// The catalog compares them with the sources.
		if path.Ext(file) == ".js" && !p.has(file+".map") {
			p.fault(file, "it has no source map")
		}
	}
	if text, ok := p.text("module.js"); ok {
		if !strings.Contains(text, "define(") {
			p.fault("module.js", "it is no module that Grafana could load")
		}
		if found := gone.FindString(text); found != "" {
			p.fault("module.js", "%s is not in React 19, which later versions of Grafana have", found)
		}
		// The catalog compares the version with that of package.json. What is on the way to a release has a suffix.
		if stamp := stampForm.FindStringSubmatch(text); stamp != nil && stamp[1] != p.release.Version && !strings.Contains(p.release.Version, "-") {
			p.fault("module.js", "it is %s by package.json, which has to say %s", stamp[1], p.release.Version)
		}
	}
	p.text("go_plugin_build_manifest")
}
