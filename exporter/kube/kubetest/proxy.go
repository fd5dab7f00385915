package kubetest

import (
	"io"
	"net"
	"sync"
)

// proxy stands between the API server and its clients, so that connections can
// be cut. Its address stays while the API server comes and goes.
type proxy struct {
	listener net.Listener
	upstream string

	mu    sync.Mutex
	conns map[net.Conn]bool
}

func newProxy(upstream string) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: listener, upstream: upstream, conns: map[net.Conn]bool{}}
	go p.serve()
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }

func (p *proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // it is closed
		}
		go p.join(client)
	}
}

// join carries what both ends say until one of them ends.
func (p *proxy) join(client net.Conn) {
	server, err := net.Dial("tcp", p.upstream)
	if err != nil {
		_ = client.Close()
		return
	}
	p.mu.Lock()
	p.conns[client], p.conns[server] = true, true
	p.mu.Unlock()
	var once sync.Once
	end := func() {
		_, _ = client.Close(), server.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.conns, client)
		delete(p.conns, server)
	}
	carry := func(to io.Writer, from io.Reader) {
		_, _ = io.Copy(to, from)
		once.Do(end)
	}
	go carry(server, client)
	carry(client, server)
}

// cut ends all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

func (p *proxy) close() {
	_ = p.listener.Close()
	p.cut()
}
