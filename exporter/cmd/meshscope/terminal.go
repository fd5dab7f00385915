package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// terminalWidth returns the number of columns of a terminal, 0 of anything else.
func terminalWidth(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return width
}
