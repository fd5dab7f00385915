package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"strings"
)

const signatureFile = "MANIFEST.txt"

// checkSignature holds the list of signed files, if there is one, to the files:
// Grafana does not load a plugin that was changed after it was signed. Whether
// the signature itself is Grafana's, Grafana says.
func (p *packed) checkSignature() {
	if !p.has(signatureFile) {
		return
	}
	text, _ := p.text(signatureFile)
	_, text, _ = strings.Cut(text, "\n\n")
	text, _, _ = strings.Cut(text, "\n-----BEGIN PGP SIGNATURE-----")
	var signed struct {
		Plugin, Version string
		Files           map[string]string
	}
	if err := json.Unmarshal([]byte(text), &signed); err != nil {
		p.fault(signatureFile, "it is not what Grafana signs: %w", err)
		return
	}
	if signed.Plugin != p.about.ID || signed.Version != p.about.Info.Version {
		p.fault(signatureFile, "it is of %s %s", signed.Plugin, signed.Version)
	}
	for _, file := range p.files {
		if file == signatureFile {
			continue
		}
		content, err := fs.ReadFile(p, file)
		sum := sha256.Sum256(content)
		if err != nil || signed.Files[file] != hex.EncodeToString(sum[:]) {
			p.fault(file, "it is not what was signed: sign the plugin again")
		}
	}
	for file := range signed.Files {
		if !p.has(file) {
			p.fault(file, "it was signed, and is not there")
		}
	}
}
