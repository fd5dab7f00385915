package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	toolkit "github.com/prometheus/exporter-toolkit/web"
)

// DefaultListenAddress is where the exporter listens unless told otherwise.
const DefaultListenAddress = ":9877"

// ServerOptions are the options of a Server.
type ServerOptions struct {
	// Addresses are where to listen, e.g. ":9877"; port 0 is any free one. None means DefaultListenAddress.
	Addresses []string
	// ConfigFile is a file of exporter-toolkit for TLS and basic authentication; empty means neither.
	ConfigFile string
	// Handler serves the requests.
	Handler http.Handler
	// Logger takes what the server has to say; nil means slog.Default.
	Logger *slog.Logger
}

// A Server serves HTTP on one or more addresses. It listens from NewServer on, so that an address in use is an error
// at once, and answers during Serve.
type Server struct {
	listeners []net.Listener
	// servers has one for each listener, because exporter-toolkit changes the server that it is given.
	servers []*http.Server
	flags   toolkit.FlagConfig
	logger  *slog.Logger
}

// NewServer checks the file for TLS and listens.
func NewServer(o ServerOptions) (*Server, error) {
	if err := toolkit.Validate(o.ConfigFile); err != nil {
		return nil, fmt.Errorf("web configuration %s: %w", o.ConfigFile, err)
	}
	if len(o.Addresses) == 0 {
		o.Addresses = []string{DefaultListenAddress}
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	s := &Server{flags: toolkit.FlagConfig{WebConfigFile: &o.ConfigFile}, logger: o.Logger}
	for _, address := range o.Addresses {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("cannot serve HTTP: %w", err)
		}
		s.listeners = append(s.listeners, listener)
		s.servers = append(s.servers, &http.Server{
			Handler:           o.Handler,
			ReadHeaderTimeout: 10 * time.Second,
			IdleTimeout:       2 * time.Minute,
			ErrorLog:          slog.NewLogLogger(o.Logger.Handler(), slog.LevelWarn),
		})
	}
	return s, nil
}

// Addresses returns where the server listens, in the order of the options, with the ports that were free.
func (s *Server) Addresses() []string {
	addresses := make([]string, len(s.listeners))
	for i, l := range s.listeners {
		addresses[i] = l.Addr().String()
	}
	return addresses
}

// Serve answers requests until Shutdown or Close, after which it returns nil, or until a listener fails.
func (s *Server) Serve() error {
	errs := make(chan error, len(s.servers))
	for i := range s.servers {
		go func() { errs <- toolkit.Serve(s.listeners[i], s.servers[i], &s.flags, s.logger) }()
	}
	var first error
	for range s.servers {
		if err := <-errs; first == nil && !errors.Is(err, http.ErrServerClosed) {
			first = err
			s.Close() // the others too
		}
	}
	return first
}

// Shutdown lets requests in work end, until ctx ends, and takes no more.
func (s *Server) Shutdown(ctx context.Context) error {
	errs := make([]error, len(s.servers))
	var all sync.WaitGroup
	for i, server := range s.servers {
		all.Go(func() { errs[i] = server.Shutdown(ctx) })
	}
	all.Wait()
	s.closeListeners()
	return errors.Join(errs...)
}

// Close ends at once.
func (s *Server) Close() {
	for _, server := range s.servers {
		_ = server.Close() // closes what is being served
	}
	s.closeListeners()
}

// closeListeners closes listeners that no server has taken over yet.
func (s *Server) closeListeners() {
	for _, l := range s.listeners {
		_ = l.Close() // closed before, most often
	}
}
