// Command meshscope is the exporter: it derives the topology and health of an Istio mesh from the metrics in a
// Prometheus-compatible store, and publishes them as metrics of its own.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/meshscope/meshscope/exporter/app"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// The exit statuses.
const (
	exitOK    = 0
	exitFail  = 1
	exitUsage = 2
)

// run is the program, and returns its exit status.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	p := program{stdout: stdout, stderr: stderr, width: terminalWidth(stdout), hangup: hangup, now: time.Now}
	return p.run(ctx, args)
}

// A program is the program in its surroundings.
type program struct {
	stdout, stderr io.Writer
	// width is the number of stdout's columns, 0 if it is no terminal.
	width int
	// hangup tells when to reload the configuration.
	hangup <-chan os.Signal
	now    func() time.Time
	// newRefresher is nil outside of tests.
	newRefresher app.NewRefresher
}

// run executes the command in args until it is done or ctx ends.
func (p program) run(ctx context.Context, args []string) int {
	flags, status, done := parseFlags(args, p.stdout, p.stderr)
	if done {
		return status
	}
	switch flags.command {
	case commandGraph:
		return p.graph(ctx, flags)
	case commandCheck:
		return p.checkConfig(flags.checked)
	default:
		return p.serve(ctx, flags)
	}
}

// fail prints an error and returns the exit status for it.
func (p program) fail(err error) int {
	fmt.Fprintf(p.stderr, "%v\n", err)
	return exitFail
}
