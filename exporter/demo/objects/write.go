package objects

import (
	"fmt"
	"io"

	"sigs.k8s.io/yaml"
)

// Write writes the objects of a cluster as manifests: YAML, one document each.
func (c Cluster) Write(w io.Writer) error {
	for _, o := range c.Objects {
		text, err := yaml.Marshal(o)
		if err != nil {
			return fmt.Errorf("an object of cluster %s: %w", c.Name, err)
		}
		if _, err := fmt.Fprintf(w, "---\n%s", text); err != nil {
			return err
		}
	}
	return nil
}
