package kubetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// process is a program that runs.
type process struct {
	name, log string
	running   *os.Process
	ended     chan struct{}
}

// start starts a program that logs into a file of the folder.
func start(folder, path string, arguments ...string) (*process, error) {
	name := filepath.Base(path)
	log, err := os.OpenFile(filepath.Join(folder, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, arguments...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = endWithParent()
	p := &process{name: name, log: log.Name(), ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		// A process ends with the thread that has started it: this one is kept.
		runtime.LockOSThread()
		defer log.Close()
		err := cmd.Start()
		p.running = cmd.Process
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(p.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", name, err)
	}
	return p, nil
}

// kill ends the process, which is not asked.
func (p *process) kill() {
	_ = p.running.Kill()
	<-p.ended
}

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// lastWords are the end of what the process has logged.
func (p *process) lastWords() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return fmt.Sprintf("%s logged at its end:\n%s", p.name, strings.Join(lines[max(0, len(lines)-20):], "\n"))
}
