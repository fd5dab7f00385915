package logging

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/stretchr/testify/require"
)

func TestNew(t *testing.T) {
	for _, tc := range []struct {
		name, level, format string
		want, wantErr       string
	}{
		{name: "logfmt", level: "info", format: "logfmt", want: "level=info msg=shown n=1\n"},
		{name: "json", level: "info", format: "json", want: `{"level":"info","msg":"shown","n":1}` + "\n"},
		{name: "level hides", level: "warn", format: "logfmt"},
		{name: "bad level", level: "loud", format: "logfmt", wantErr: `unknown log level "loud": use one of debug, info, warn, error`},
		{name: "bad format", level: "info", format: "xml", wantErr: `unknown log format "xml": use one of logfmt, json`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out strings.Builder
			logger, err := New(tc.level, tc.format, &out)
			if tc.wantErr != "" {
				require.EqualError(t, err, tc.wantErr)
				return
			}
			require.NoError(t, err)
			require.NoError(t, level.Info(logger).Log("msg", "shown", "n", 1))
			require.Equal(t, tc.want, withoutTime(out.String()))
		})
	}
}

func TestSlog(t *testing.T) {
	for _, tc := range []struct {
		name string
		log  func(*slog.Logger)
		want string
	}{
		{"level and attributes", func(l *slog.Logger) { l.Warn("slow", "took", "3s") }, "level=warn msg=slow took=3s\n"},
		{"below the level", func(l *slog.Logger) { l.Debug("detail") }, ""},
		{"given before", func(l *slog.Logger) { l.With("component", "tsdb").Error("no", "n", 2) }, "level=error msg=no component=tsdb n=2\n"},
		{"group", func(l *slog.Logger) { l.WithGroup("a").Info("in", slog.Group("b", "c", 1)) }, "level=info msg=in a.b.c=1\n"},
		{"empty attribute", func(l *slog.Logger) { l.Info("in", slog.Attr{}) }, "level=info msg=in\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out strings.Builder
			tc.log(Slog(level.NewFilter(log.NewLogfmtLogger(&out), level.AllowInfo())))
			require.Equal(t, tc.want, out.String())
		})
	}
}

// withoutTime cuts the one pair that differs from run to run.
func withoutTime(line string) string {
	if rest, ok := strings.CutPrefix(line, "ts="); ok {
		_, after, _ := strings.Cut(rest, " ")
		return after
	}
	if before, _, ok := strings.Cut(line, `,"ts":`); ok {
		return before + "}\n"
	}
	return line
}
