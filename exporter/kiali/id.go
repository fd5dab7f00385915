package kiali

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/meshscope/meshscope/exporter/topology"
)

// nodeName is what Kiali makes a node's id from.
func nodeName(n *topology.Node, label string) string {
	cluster, namespace := known(n.Cluster), known(n.Namespace)
	switch n.Kind {
	case topology.KindUnknown:
		return strings.Join([]string{cluster, topology.Unknown, "source"}, "_")
	case topology.KindWorkload:
		return strings.Join([]string{"wl", cluster, namespace, n.Name}, "_")
	case topology.KindService:
		return strings.Join([]string{"svc", cluster, namespace, known(n.Name)}, "_")
	case topology.KindOperation:
		parts := []string{"agg", cluster, namespace, label, n.Name}
		if n.Service != "" {
			parts = append(parts, n.Service)
		}
		return strings.Join(parts, "_")
	}
	switch {
	case n.Workload != "":
		return strings.Join([]string{"vapp", cluster, namespace, n.Workload}, "_")
	case n.Ref.Version != "":
		return strings.Join([]string{"vapp", cluster, namespace, n.Name, n.Ref.Version}, "_")
	}
	return strings.Join([]string{"app", cluster, namespace, n.Name}, "_")
}

// hash is a name as the id that Kiali publishes.
func hash(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])
}

// appendEdgeID appends an edge's id, which is made of those of its ends.
func appendEdgeID(to []byte, source, target string, p topology.Protocol) []byte {
	start := len(to)
	to = append(to, source...)
	to = append(to, '.')
	to = append(to, target...)
	to = append(to, '.')
	to = append(to, p...)
	sum := sha256.Sum256(to[start:])
	return hex.AppendEncode(to[:start], sum[:])
}

// known is a name as it is published (T2).
func known(name string) string { return cmp.Or(name, topology.Unknown) }
