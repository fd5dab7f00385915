package web_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/meshscope/meshscope/exporter/web"
)

var quiet = slog.New(slog.DiscardHandler)

func TestServer(t *testing.T) {
	s, err := web.NewServer(web.ServerOptions{
		Addresses: []string{"127.0.0.1:0", "127.0.0.1:0"}, Handler: newHandler(t, nil), Logger: quiet,
	})
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	require.Len(t, s.Addresses(), 2)
	for _, address := range s.Addresses() {
		response, err := http.Get("http://" + address + "/-/healthy")
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, "Meshscope is healthy.\n", string(body))
	}
	require.NoError(t, s.Shutdown(context.Background()))
	require.NoError(t, <-served)
}

func TestServerWithBasicAuth(t *testing.T) {
	file := filepath.Join(t.TempDir(), "web.yml")
	// The password is "test", as a bcrypt hash of the lowest cost.
	const hash = "$2a$04$Gf/h/tTHQ8dcTk2iKpUE2./WgvL5sLpudASR79dgnq.E0TNc/6XhK"
	require.NoError(t, os.WriteFile(file, []byte("basic_auth_users:\n  alice: "+hash+"\n"), 0o600))
	s, err := web.NewServer(web.ServerOptions{
		Addresses: []string{"127.0.0.1:0"}, ConfigFile: file, Handler: newHandler(t, nil), Logger: quiet,
	})
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	for password, want := range map[string]int{"guess": http.StatusUnauthorized, "test": http.StatusOK} {
		request, err := http.NewRequest(http.MethodGet, "http://"+s.Addresses()[0]+"/metrics", nil)
		require.NoError(t, err)
		request.SetBasicAuth("alice", password)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, want, response.StatusCode)
	}
	require.NoError(t, s.Shutdown(context.Background()))
	require.NoError(t, <-served)
}

func TestServerFailsAtOnce(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	_, err = web.NewServer(web.ServerOptions{Addresses: []string{"127.0.0.1:0", taken.Addr().String()}, Logger: quiet})
	require.ErrorContains(t, err, taken.Addr().String()+": bind: address already in use")

	_, err = web.NewServer(web.ServerOptions{Addresses: []string{"127.0.0.1:0"}, ConfigFile: "none.yml", Logger: quiet})
	require.ErrorContains(t, err, "web configuration none.yml")
}

func TestServerClosedBeforeServing(t *testing.T) {
	s, err := web.NewServer(web.ServerOptions{Addresses: []string{"127.0.0.1:0"}, Handler: newHandler(t, nil), Logger: quiet})
	require.NoError(t, err)
	s.Close()
	require.NoError(t, s.Serve())
	again, err := net.Listen("tcp", s.Addresses()[0])
	require.NoError(t, err, "the address is free again")
	require.NoError(t, again.Close())
}
