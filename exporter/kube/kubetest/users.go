package kubetest

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/utils/ptr"
)

// User is the access of a user that a ClusterRole of these rules is bound to,
// and none else. Called again with the same name, it changes the rules.
func (c *Cluster) User(t testing.TB, name string, rules ...rbacv1.PolicyRule) *rest.Config {
	t.Helper()
	user, err := c.authority.user(name)
	require.NoError(t, err)
	c.objects.apply(t, &rbacv1.ClusterRole{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRole"},
		ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules,
	}, &rbacv1.ClusterRoleBinding{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRoleBinding"},
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}},
	})
	return c.config(user)
}

// ServiceAccount is the access of a service account that exists, by a token as
// its pods have.
func (c *Cluster) ServiceAccount(t testing.TB, namespace, name string) *rest.Config {
	t.Helper()
	client, err := kubernetes.NewForConfig(c.admin)
	require.NoError(t, err)
	token, err := client.CoreV1().ServiceAccounts(namespace).CreateToken(t.Context(), name, &authenticationv1.TokenRequest{
		Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: ptr.To[int64](24 * 60 * 60)},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	config := c.config(identity{})
	config.BearerToken = token.Status.Token
	return config
}

// config is the access of who has an identity.
func (c *Cluster) config(who identity) *rest.Config {
	return &rest.Config{
		Host:            "https://" + c.proxy.address(),
		TLSClientConfig: rest.TLSClientConfig{CAData: c.authority.pem, CertData: who.certificate, KeyData: who.key},
	}
}

// Kubeconfig writes a kubeconfig with a context for each access, and returns
// its path. The first context by name is the current one.
func Kubeconfig(t testing.TB, contexts map[string]*rest.Config) string {
	t.Helper()
	written := api.NewConfig()
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(contexts))) {
		access := contexts[name]
		written.Clusters[name] = &api.Cluster{Server: access.Host, CertificateAuthorityData: access.CAData}
		written.AuthInfos[name] = &api.AuthInfo{
			ClientCertificateData: access.CertData, ClientKeyData: access.KeyData, Token: access.BearerToken,
		}
		written.Contexts[name] = &api.Context{Cluster: name, AuthInfo: name}
		written.CurrentContext = name
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, clientcmd.WriteToFile(*written, path))
	return path
}
