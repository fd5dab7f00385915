package catalog

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const (
	readmeFile    = "README.md"
	changelogFile = "CHANGELOG.md"
	licenseFile   = "LICENSE"
)

var (
	codeForm    = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	linkForm    = regexp.MustCompile(`(!?)\[[^\]]*\]\(([^)\s]+)[^)]*\)`)
	headingForm = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *$`)
	// What the scaffold of plugins leaves to be written, and what the catalog's own check takes for talk among developers.
	boilerplate = regexp.MustCompile(`(?i)plugin template|%[A-Z_]+%|\byarn\b|\bnodejs\b|<!--`)
)

// Links are where a Markdown text leads to, less what stands in code.
func Links(text string) []string {
	var links []string
	for _, match := range linkForm.FindAllStringSubmatch(codeForm.ReplaceAllString(text, ""), -1) {
		links = append(links, match[2])
	}
	return links
}

// Anchors are the fragments by which the headings of a Markdown text are found.
func Anchors(text string) []string {
	var anchors []string
	for _, match := range headingForm.FindAllStringSubmatch(text, -1) {
		anchors = append(anchors, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, match[1]))
	}
	return anchors
}

// The catalog shows the README alone, and the changelog beside it: there is nothing that a relative link would lead to.
func (p *packed) checkReadme() {
	text, ok := p.text(readmeFile)
	if !ok {
		return
	}
	if found := boilerplate.FindString(text); found != "" {
		p.fault(readmeFile, "%q is not for those who read the catalog", found)
	}
	if !strings.Contains(text, "![") {
		p.fault(readmeFile, "it has no picture")
	}
	p.checkLinks(readmeFile, text)
}

func (p *packed) checkLinks(file, text string) {
	anchors := Anchors(text)
	for _, link := range Links(text) {
		if anchor, within := strings.CutPrefix(link, "#"); within {
			if !slices.Contains(anchors, anchor) {
				p.fault(file, "the link to #%s leads to no heading", anchor)
			}
		} else if !strings.HasPrefix(link, "https://") {
			p.fault(file, "the link to %s: want an https URL, for the catalog shows the text alone", link)
		}
	}
}

func (p *packed) checkChangelog() {
	text, ok := p.text(changelogFile)
	if !ok {
		return
	}
	p.checkLinks(changelogFile, text)
	// What is on the way to a release has a suffix.
	if version := p.release.Version; !strings.Contains(version, "-") &&
		!regexp.MustCompile(`(?m)^## \[?`+regexp.QuoteMeta(version)+`\b`).MatchString(text) {
		p.fault(changelogFile, "it has no heading ## %s", version)
	}
}

func (p *packed) checkLicense() {
	text, ok := p.text(licenseFile)
	if ok && !(strings.Contains(text, "Apache License") && strings.Contains(text, "Version 2.0, January 2004")) {
		p.fault(licenseFile, "it is not the Apache License 2.0")
	}
}
