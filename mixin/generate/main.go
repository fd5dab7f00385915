// Command generate writes the mixin's rule files for those who have no jsonnet
// into a folder.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/meshscope/meshscope/mixin"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) != 1 {
		return fmt.Errorf("want the folder to write to, got %q", arguments)
	}
	files, err := mixin.Render("{}")
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(arguments[0], name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
