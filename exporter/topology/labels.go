package topology

// EdgeLabels are the names of the labels that identify an edge, Istio's own,
// in the order of EdgeKey's fields. Raw and derived series carry them alike.
var EdgeLabels = [...]string{
	"source_cluster",
	"source_workload_namespace",
	"source_workload",
	"source_canonical_service",
	"source_canonical_revision",
	"destination_cluster",
	"destination_workload_namespace",
	"destination_workload",
	"destination_canonical_service",
	"destination_canonical_revision",
	"destination_service",
	"destination_service_name",
	"destination_service_namespace",
}

// Fields are k's values in the order of EdgeLabels, to read and to write.
func (k *EdgeKey) Fields() [len(EdgeLabels)]*string {
	s, d := &k.Source, &k.Destination
	return [...]*string{
		&s.Cluster, &s.Namespace, &s.Workload, &s.CanonicalService, &s.CanonicalRevision,
		&d.Cluster, &d.Namespace, &d.Workload, &d.CanonicalService, &d.CanonicalRevision,
		&k.Service.Host, &k.Service.Name, &k.Service.Namespace,
	}
}
