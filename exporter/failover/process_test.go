package failover_test

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

// process is a program that runs for as long as the test, or until it is ended.
type process struct {
	name  string
	cmd   *exec.Cmd
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
	p := &process{name: filepath.Base(path), cmd: exec.Command(path, arguments...), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	require.NoError(t, p.cmd.Start())
	go func() {
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.signal(syscall.SIGTERM)
		select {
		case <-p.ended:
		case <-time.After(10 * time.Second):
			p.signal(syscall.SIGKILL)
			<-p.ended
		}
		if t.Failed() {
			lines := strings.Split(strings.TrimSpace(p.log.String()), "\n")
			t.Logf("%s logged at its end:\n%s", p.name, strings.Join(lines[max(0, len(lines)-40):], "\n"))
		}
	})
	return p
}

func (p *process) signal(s os.Signal) { _ = p.cmd.Process.Signal(s) }

// said waits until the program has logged what the pattern matches, and returns
// its group.
func (p *process) said(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	var found []string
	eventually(t, time.Minute, p.name+" logs "+pattern, func() bool {
		select {
		case <-p.ended:
			require.FailNow(t, p.name+" has ended by itself", p.log.String())
		default:
		}
		found = re.FindStringSubmatch(p.log.String())
		return found != nil
	})
	return found[1]
}

// eventually waits for a condition, and returns how long.
func eventually(t *testing.T, within time.Duration, what string, condition func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !condition() {
		require.LessOrEqual(t, time.Since(began), within, "waited in vain: %s", what)
		time.Sleep(50 * time.Millisecond)
	}
	return time.Since(began)
}
