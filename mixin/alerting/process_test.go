package alerting

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// process is a program that runs for as long as the test.
type process struct {
	name  string
	log   output
	ended chan struct{}
}

// output collects what a program says.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// installed is the path of a program of others. Without it the test is skipped.
func installed(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("there is no %s: .ci/programs --build makes one, and tells where", name)
	}
	return path
}

// build builds programs of ours, and returns the folder that they are in.
func build(t *testing.T, names ...string) string {
	t.Helper()
	folder := t.TempDir()
	arguments := []string{"build", "-o", folder}
	for _, name := range names {
		arguments = append(arguments, "github.com/meshscope/meshscope/exporter/cmd/"+name)
	}
	out, err := exec.CommandContext(t.Context(), "go", arguments...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return folder
}

// start starts a program. At the end of the test it is told to end; if the test
// failed, the end of its log is printed.
func start(t *testing.T, path string, arguments ...string) *process {
	t.Helper()
	p := &process{name: filepath.Base(path), ended: make(chan struct{})}
	cmd := exec.Command(path, arguments...)
	cmd.Stdout, cmd.Stderr = &p.log, &p.log
	require.NoError(t, cmd.Start())
	go func() {
		_ = cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.ended:
		case <-time.After(patience):
			_ = cmd.Process.Signal(os.Kill)
			<-p.ended
		}
		if t.Failed() {
			t.Logf("%s logged at its end:\n%s", p.name, p.lastLines(40))
		}
	})
	return p
}

func (p *process) lastLines(most int) string {
	lines := strings.Split(strings.TrimSpace(p.log.String()), "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}

// said waits until the program has logged what the pattern matches, and returns
// its group.
func (p *process) said(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	var found []string
	eventually(t, p.name+" logs "+pattern, func() bool {
		select {
		case <-p.ended:
			require.FailNow(t, p.name+" has ended by itself")
		default:
		}
		found = re.FindStringSubmatch(p.log.String())
		return found != nil
	})
	return found[1]
}
