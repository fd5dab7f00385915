package catalog

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // a form of screenshots
	_ "image/png"  // "
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// What a page of the catalog shows in full, and loads in a moment.
const (
	largestPicture   = 1 << 20
	narrowestPicture = 800
	widestPicture    = 3000
)

func (p *packed) checkLogos() {
	logos := p.about.Info.Logos
	for _, logo := range slices.Compact([]string{logos.Small, logos.Large}) {
		text, ok := p.picture("info.logos", logo)
		if !ok || path.Ext(logo) != ".svg" {
			continue
		}
		if err := drawsOnly(text); err != nil {
			p.fault(logo, "%w", err)
		}
	}
}

func (p *packed) checkScreenshots() {
	if len(p.about.Info.Screenshots) == 0 {
		p.fault(metadataFile, "info.screenshots: none")
	}
	for _, shot := range p.about.Info.Screenshots {
		if shot.Name == "" {
			p.fault(metadataFile, "info.screenshots: %q has no name", shot.Path)
		}
		text, ok := p.picture("info.screenshots", shot.Path)
		if !ok {
			continue
		}
		size, form, err := image.DecodeConfig(bytes.NewReader(text))
		switch {
		case err != nil:
			p.fault(shot.Path, "%w", err)
		case form != strings.TrimPrefix(path.Ext(shot.Path), "."):
			p.fault(shot.Path, "it is a %s by its content", form)
		case size.Width < narrowestPicture || size.Width > widestPicture:
			p.fault(shot.Path, "%d pixels wide: want %d to %d", size.Width, narrowestPicture, widestPicture)
		case len(text) > largestPicture:
			p.fault(shot.Path, "%d bytes: want at most %d", len(text), largestPicture)
		}
	}
}

// picture is what plugin.json refers to, by a path from where it is.
func (p *packed) picture(field, file string) ([]byte, bool) {
	if !fs.ValidPath(file) || !p.has(file) {
		p.fault(metadataFile, "%s: there is no %q in the archive", field, file)
		return nil, false
	}
	text, err := fs.ReadFile(p, file)
	if err != nil {
		p.fault(file, "%w", err)
	}
	return text, err == nil
}

// What a drawing may have: shapes, and nothing that runs or loads something.
var (
	shapes = strings.Fields(`svg g defs title desc path rect circle ellipse line polyline polygon text tspan linearGradient radialGradient stop`)
	traits = strings.Fields(`xmlns width height viewBox role aria-label id class transform opacity
		d x y x1 y1 x2 y2 cx cy r rx ry points offset gradientUnits gradientTransform stop-color stop-opacity
		fill fill-rule fill-opacity stroke stroke-width stroke-linecap stroke-linejoin stroke-opacity stroke-dasharray`)
)

func drawsOnly(svg []byte) error {
	for decoder := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !slices.Contains(shapes, start.Name.Local) {
			return fmt.Errorf("the element %s is no shape", start.Name.Local)
		}
		for _, attribute := range start.Attr {
			if !slices.Contains(traits, attribute.Name.Local) {
				return fmt.Errorf("the attribute %s of %s is not of a shape", attribute.Name.Local, start.Name.Local)
			}
		}
	}
}
