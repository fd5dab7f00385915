package kubetest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	"k8s.io/client-go/rest"
)

// startEtcd starts etcd, which need not keep anything beyond the tests.
func (c *Cluster) startEtcd() error {
	port, err := freePort()
	if err != nil {
		return err
	}
	peers, err := freePort()
	if err != nil {
		return err
	}
	c.etcdURL = "http://" + net.JoinHostPort("127.0.0.1", port)
	peersURL := "http://" + net.JoinHostPort("127.0.0.1", peers)
	if c.etcd, err = start(
		c.folder, c.programs.etcd,
		"--name=kubetest", "--data-dir="+c.path("etcd"), "--unsafe-no-fsync", "--log-level=warn",
		"--listen-client-urls="+c.etcdURL, "--advertise-client-urls="+c.etcdURL,
		"--listen-peer-urls="+peersURL, "--initial-advertise-peer-urls="+peersURL, "--initial-cluster=kubetest="+peersURL,
	); err != nil {
		return err
	}
	return waitFor(c.etcd, answers(http.DefaultClient, c.etcdURL+"/health"))
}

// The files that the API server reads.
const (
	authorityFile   = "authority.pem"
	certificateFile = "server.pem"
	keyFile         = "server-key.pem"
)

// prepareServer writes the API server's certificates, and makes its administrator.
func (c *Cluster) prepareServer() error {
	var err error
	if c.authority, err = newAuthority(); err != nil {
		return err
	}
	server, err := c.authority.server()
	if err != nil {
		return err
	}
	for file, text := range map[string][]byte{authorityFile: c.authority.pem, certificateFile: server.certificate, keyFile: server.key} {
		if err := os.WriteFile(c.path(file), text, 0o600); err != nil {
			return err
		}
	}
	admin, err := c.authority.user("admin", "system:masters")
	if err != nil {
		return err
	}
	c.admin = c.config(admin)
	c.admin.QPS = -1 // tests are in a hurry
	return nil
}

// startServer starts the API server, and waits until it is ready.
func (c *Cluster) startServer() error {
	const issuer = "https://kubernetes.default.svc"
	var err error
	if c.server, err = start(
		c.folder, c.programs.apiServer,
		"--etcd-servers="+c.etcdURL,
		"--bind-address=127.0.0.1", "--secure-port="+c.port,
		"--tls-cert-file="+c.path(certificateFile), "--tls-private-key-file="+c.path(keyFile),
		"--client-ca-file="+c.path(authorityFile),
		"--authorization-mode=RBAC",
		// Tokens are signed with the key that is there already.
		"--service-account-issuer="+issuer, "--api-audiences="+issuer,
		"--service-account-key-file="+c.path(keyFile), "--service-account-signing-key-file="+c.path(keyFile),
		// No controller makes the default service account that pods are required to have.
		"--disable-admission-plugins=ServiceAccount",
		// The Service of an API server on the loopback interface would be of no use.
		"--endpoint-reconciler-type=none", "--service-cluster-ip-range=10.0.0.0/24",
		"--enable-priority-and-fairness=false",
	); err != nil {
		return err
	}
	client, err := rest.HTTPClientFor(c.admin)
	if err != nil {
		return err
	}
	return waitFor(c.server, answers(client, c.admin.Host+"/readyz"))
}

// answers is whether a URL answers that all is well.
func answers(client *http.Client, url string) func(context.Context) error {
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err == nil && response.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s", response.Status, text)
		}
		return err
	}
}
