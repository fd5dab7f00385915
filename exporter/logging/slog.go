package logging

import (
	"context"
	"log/slog"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// Slog returns a structured logger whose records go to the given logger. The
// level filter of that logger decides what is written. Attributes keep their
// order, and the keys of a group are joined by dots.
func Slog(logger log.Logger) *slog.Logger {
	return slog.New(bridge{logger: logger})
}

// bridge is a slog.Handler in front of a go-kit logger.
type bridge struct {
	logger log.Logger
	// prefix is the path of the open groups, each followed by a dot.
	prefix string
	// keyvals are the attributes given by WithAttrs, as go-kit pairs.
	keyvals []any
}

// Enabled is always true: the go-kit logger filters, and does not tell what.
func (b bridge) Enabled(context.Context, slog.Level) bool { return true }

// Handle writes one record.
func (b bridge) Handle(_ context.Context, record slog.Record) error {
	keyvals := make([]any, 0, len(b.keyvals)+2*record.NumAttrs()+2)
	keyvals = append(keyvals, "msg", record.Message)
	keyvals = append(keyvals, b.keyvals...)
	record.Attrs(func(attr slog.Attr) bool {
		keyvals = appendAttr(keyvals, b.prefix, attr)
		return true
	})
	return leveled(b.logger, record.Level).Log(keyvals...)
}

// WithAttrs returns a handler that adds the attributes to each record.
func (b bridge) WithAttrs(attrs []slog.Attr) slog.Handler {
	keyvals := append([]any(nil), b.keyvals...)
	for _, attr := range attrs {
		keyvals = appendAttr(keyvals, b.prefix, attr)
	}
	b.keyvals = keyvals
	return b
}

// WithGroup returns a handler that puts later attributes under the name.
func (b bridge) WithGroup(name string) slog.Handler {
	if name != "" {
		b.prefix += name + "."
	}
	return b
}

// appendAttr adds an attribute as a pair, and a group as its members.
func appendAttr(keyvals []any, prefix string, attr slog.Attr) []any {
	value := attr.Value.Resolve()
	if value.Kind() == slog.KindGroup {
		if attr.Key != "" {
			prefix += attr.Key + "."
		}
		for _, member := range value.Group() {
			keyvals = appendAttr(keyvals, prefix, member)
		}
		return keyvals
	}
	if attr.Key == "" && value.Any() == nil {
		return keyvals
	}
	return append(keyvals, prefix+attr.Key, value.Any())
}

func leveled(logger log.Logger, l slog.Level) log.Logger {
	switch {
	case l < slog.LevelInfo:
		return level.Debug(logger)
	case l < slog.LevelWarn:
		return level.Info(logger)
	case l < slog.LevelError:
		return level.Warn(logger)
	default:
		return level.Error(logger)
	}
}
