// Package logging builds the program's logger and bridges it to libraries
// that log through log/slog.
package logging

import (
	"fmt"
	"io"
	"strings"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// Levels are the accepted log levels, the most talkative first.
var Levels = []string{"debug", "info", "warn", "error"}

// Formats are the accepted log formats.
var Formats = []string{"logfmt", "json"}

// New returns a logger that writes lines of the given level and above to w,
// each with its time in UTC. It is safe for concurrent use. The level is one
// of Levels, the format one of Formats.
func New(lvl, format string, w io.Writer) (log.Logger, error) {
	var allow level.Option
	switch lvl {
	case "debug":
		allow = level.AllowDebug()
	case "info":
		allow = level.AllowInfo()
	case "warn":
		allow = level.AllowWarn()
	case "error":
		allow = level.AllowError()
	default:
		return nil, fmt.Errorf("unknown log level %q: use one of %s", lvl, strings.Join(Levels, ", "))
	}

	var logger log.Logger
	switch format {
	case "logfmt":
		logger = log.NewLogfmtLogger(log.NewSyncWriter(w))
	case "json":
		logger = log.NewJSONLogger(log.NewSyncWriter(w))
	default:
		return nil, fmt.Errorf("unknown log format %q: use one of %s", format, strings.Join(Formats, ", "))
	}
	return level.NewFilter(log.With(logger, "ts", log.DefaultTimestampUTC), allow), nil
}
