package deploy_test

import (
	"bytes"
	"io/fs"
	"maps"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
)

// An engine runs services as processes of this machine, for want of containers: each at a loopback address of its own,
// so that ports stay as they are, and with copies of its mounts, in which names of services and paths are replaced.
type engine struct {
	project   *types.Project
	addresses map[string]string // by service
	mounts    map[string]string // the folders that stand for those in containers
	// hasten replaces what would make a test wait in the text of mounted files.
	hasten *strings.Replacer
}

var hosts atomic.Int32

// host is an address that nothing else listens on.
func host() string {
	pid := os.Getpid()
	return netip.AddrFrom4([4]byte{127, byte(1 + pid/250%250), byte(1 + pid%250), byte(1 + hosts.Add(1))}).String()
}

func newEngine(t *testing.T, p *types.Project, hasten *strings.Replacer) *engine {
	t.Helper()
	e := &engine{project: p, addresses: map[string]string{}, mounts: map[string]string{}, hasten: hasten}
	dir := t.TempDir()
	for _, name := range slices.Sorted(maps.Keys(p.Services)) {
		e.addresses[name] = host()
		for _, v := range p.Services[name].Volumes {
			e.mounts[v.Target] = filepath.Join(dir, name, filepath.FromSlash(v.Target))
		}
	}
	for _, s := range p.Services {
		for _, v := range s.Volumes {
			at := e.mounts[v.Target]
			require.NoError(t, os.MkdirAll(filepath.Dir(at), 0o700))
			if v.Type == types.VolumeTypeVolume {
				require.NoError(t, os.MkdirAll(at, 0o700))
				continue
			}
			e.copy(t, s, v.Source, at)
		}
	}
	return e
}

// copy copies a file or a folder, as the service is to see it. Only the files of this folder are changed.
func (e *engine) copy(t *testing.T, s types.ServiceConfig, from, to string) {
	t.Helper()
	ours := strings.HasPrefix(from, abs(t, composeFolder))
	require.NoError(t, filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, inside), 0o700)
		}
		text := read(t, path)
		if ours {
			text = e.hasten.Replace(e.seen(s, text))
		}
		return os.WriteFile(filepath.Join(to, inside), []byte(text), 0o600)
	}))
}

var (
	endpoint = regexp.MustCompile(`\b[a-z]+(\.[a-z]+)*:[0-9]+\b`)
	anywhere = regexp.MustCompile(`=(:[0-9]+)$`)
	absolute = regexp.MustCompile(`(^|[^\w./:])/[\w./*-]+`)
)

// seen is a text of a service, with addresses and paths as they are here.
func (e *engine) seen(s types.ServiceConfig, text string) string {
	text = endpoint.ReplaceAllStringFunc(text, func(found string) string {
		name, port, _ := strings.Cut(found, ":")
		if name == "localhost" {
			name = s.Name
		}
		if address, ok := e.addresses[name]; ok {
			return address + ":" + port
		}
		return found
	})
	text = anywhere.ReplaceAllString(text, "="+e.addresses[s.Name]+"$1")
	return absolute.ReplaceAllStringFunc(text, func(found string) string {
		before, path, _ := strings.Cut(found, "/")
		return before + e.path("/"+path)
	})
}

// path is where a path of containers is here.
func (e *engine) path(at string) string {
	for target, here := range e.mounts {
		if inside, ok := strings.CutPrefix(at+"/", target+"/"); ok {
			return filepath.Join(here, inside)
		}
	}
	return at
}

// url is where a service listens: at the only port that it publishes.
func (e *engine) url(t *testing.T, service string) string {
	t.Helper()
	ports := e.project.Services[service].Ports
	require.Len(t, ports, 1)
	return "http://" + e.listen(service, ports[0])
}

func (e *engine) listen(service string, port types.ServicePortConfig) string {
	return netip.AddrPortFrom(netip.MustParseAddr(e.addresses[service]), uint16(port.Target)).String()
}

// run runs the program of a service as the service does, with more arguments.
func (e *engine) run(t *testing.T, service, program string, more ...string) {
	t.Helper()
	s := e.project.Services[service]
	arguments := slices.Clone(more)
	for _, argument := range s.Command {
		arguments = append(arguments, e.seen(s, argument))
	}
	start(t, service, program, arguments, e.environment(s))
}

// environment are the variables that a service is given.
func (e *engine) environment(s types.ServiceConfig) []string {
	var variables []string
	for name, value := range s.Environment {
		variables = append(variables, name+"="+e.seen(s, *value))
	}
	return variables
}

// healthy waits until the health check of a service succeeds. It is skipped if there is no such program here.
func (e *engine) healthy(t *testing.T, service string) {
	t.Helper()
	s := e.project.Services[service]
	test := s.HealthCheck.Test[1:]
	program, err := exec.LookPath(test[0])
	if err != nil {
		t.Logf("not run, for want of %s: the health check of %s", test[0], service)
		return
	}
	var arguments []string
	for _, argument := range test[1:] {
		arguments = append(arguments, e.seen(s, argument))
	}
	var said []byte
	defer func() {
		if t.Failed() {
			t.Logf("the health check of %s said: %s", service, said)
		}
	}()
	require.Eventually(t, func() bool {
		check := exec.CommandContext(t.Context(), program, arguments...)
		check.Env = withoutProxies()
		said, err = check.CombinedOutput()
		return err == nil
	}, patience, 500*time.Millisecond, "the health check of %s", service)
}

// patience is for whatever is waited for, on machines that have other things to do.
const patience = 3 * time.Minute

// needs skips a test that cannot be run here, and tells why.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and runs programs")
	}
	if runtime.GOOS != "linux" {
		t.Skip("takes more loopback addresses than 127.0.0.1, which Linux has")
	}
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("there is no %s: .ci/programs --build makes one, and tells where", program)
		}
	}
}

// compiled builds programs of ours, and returns the folder that they are in.
func compiled(t *testing.T, names ...string) string {
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

// start starts a program, which runs until the end of the test. If the test fails, what it said last is printed.
func start(t *testing.T, name, program string, arguments, env []string) {
	t.Helper()
	var said record
	command := exec.Command(program, arguments...)
	command.Env = append(withoutProxies(), env...)
	command.Stdout, command.Stderr = &said, &said
	require.NoError(t, command.Start(), name)
	ended := make(chan struct{})
	var expected atomic.Bool
	go func() {
		defer close(ended)
		if err := command.Wait(); !expected.Load() {
			t.Errorf("%s ended by itself: %v", name, err)
		}
	}()
	t.Cleanup(func() {
		expected.Store(true)
		_ = command.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = command.Process.Kill()
			<-ended
		}
		if t.Failed() {
			t.Logf("%s said last:\n%s", name, said.last(30))
		}
	})
}

// withoutProxies is the environment without proxies, which would be asked for any loopback address but 127.0.0.1.
func withoutProxies() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(strings.ToUpper(variable), "=")
		return strings.HasSuffix(name, "_PROXY")
	})
}

// A record keeps what a program says.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write keeps more.
func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *record) last(lines int) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := strings.Split(strings.TrimSpace(r.text.String()), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// direct asks without a proxy.
var direct = &http.Transport{}
