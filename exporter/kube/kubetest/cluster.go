package kubetest

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
)

// patience is how long a program may take to get ready. It is generous, for
// machines that have other things to do.
const patience = 2 * time.Minute

// Cluster is an API server, and the etcd that has its objects.
type Cluster struct {
	programs programs
	folder   string
	port     string
	// etcdURL is where etcd listens.
	etcdURL string

	authority *authority
	admin     *rest.Config

	etcd, server *process
	proxy        *proxy
	objects      *objects
}

// Start starts a cluster that ends with the test. It takes a few seconds; see
// Shared for one that several tests have in common.
func Start(t testing.TB) *Cluster {
	t.Helper()
	c, err := launch(installed(t))
	require.NoError(t, err)
	t.Cleanup(c.end)
	return c
}

// launch starts a cluster in a folder of its own.
func launch(p programs) (_ *Cluster, err error) {
	c := &Cluster{programs: p}
	defer func() {
		if err != nil {
			c.end()
		}
	}()
	if c.folder, err = os.MkdirTemp("", "kubetest"); err != nil {
		return nil, err
	}
	if err := c.startEtcd(); err != nil {
		return nil, err
	}
	if c.port, err = freePort(); err != nil {
		return nil, err
	}
	if c.proxy, err = newProxy(net.JoinHostPort("127.0.0.1", c.port)); err != nil {
		return nil, err
	}
	if err := c.prepareServer(); err != nil {
		return nil, err
	}
	if c.objects, err = newObjects(c.admin); err != nil {
		return nil, err
	}
	return c, c.startServer()
}

// end ends everything. Nothing is to be kept, so nothing is waited for; the API
// server goes first, which could not end without its etcd.
func (c *Cluster) end() {
	for _, p := range []*process{c.server, c.etcd} {
		if p != nil {
			p.kill()
		}
	}
	if c.proxy != nil {
		c.proxy.close()
	}
	_ = os.RemoveAll(c.folder)
}

// Config is the access of an administrator, who may do everything.
func (c *Cluster) Config() *rest.Config { return rest.CopyConfig(c.admin) }

// Stop ends the API server as a crash does. Its objects stay.
func (c *Cluster) Stop() {
	if c.server != nil {
		c.server.kill()
		c.server = nil
	}
}

// Restart stops the API server, if it runs, and starts it again at the same
// address. It returns when the API server is ready.
func (c *Cluster) Restart(t testing.TB) {
	t.Helper()
	c.Stop()
	require.NoError(t, c.startServer())
}

// CutWatches cuts all connections to the API server, and with them all watches.
// New connections are served.
func (c *Cluster) CutWatches() { c.proxy.cut() }

// waitFor waits until a process is ready.
func waitFor(p *process, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		err := ready(ctx)
		switch {
		case err == nil:
			return nil
		case p.hasEnded():
			return fmt.Errorf("%s has ended by itself; %s", p.name, p.lastWords())
		case ctx.Err() != nil:
			return fmt.Errorf("%s is not ready after %s: %w; %s", p.name, patience, err, p.lastWords())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}

func (c *Cluster) path(name string) string { return filepath.Join(c.folder, name) }
