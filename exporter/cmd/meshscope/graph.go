package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/meshscope/meshscope/exporter/app"
	"github.com/meshscope/meshscope/exporter/logging"
	"github.com/meshscope/meshscope/exporter/web"
)

// graph prints one graph.
func (p program) graph(ctx context.Context, f flags) int {
	q, err := web.ParseQuestion(f.graph, p.now())
	if bad := new(web.ParameterError); errors.As(err, &bad) {
		fmt.Fprintf(p.stderr, "meshscope: --%s: %v\n", bad.Name, bad.Err)
		return exitUsage
	}
	if err != nil {
		return p.fail(err)
	}
	q.Width = p.width
	logger, err := logging.New(f.logLevel, f.logFormat, p.stderr)
	if err != nil {
		return p.fail(err)
	}
	answer, err := app.Graph(ctx, app.Options{
		Source: f.source, Logger: logger, NewRefresher: p.newRefresher, Now: p.now,
	}, q)
	if err != nil {
		return p.fail(err)
	}
	if _, err := p.stdout.Write(answer.Body); err != nil {
		return p.fail(err)
	}
	return exitOK
}
