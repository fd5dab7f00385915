package mesh

import "strings"

// Values of the label reporter.
const (
	reporterSource      = "source"
	reporterDestination = "destination"
	reporterWaypoint    = "waypoint"
)

// Values of the label connection_security_policy.
const (
	policyMutualTLS = "mutual_tls"
	policyNone      = "none"
	policyUnknown   = unknown
)

// Values of the label request_protocol.
const (
	protocolHTTP = "http"
	protocolGRPC = "grpc"
	protocolTCP  = "tcp"
)

// response is how a call ended, as one proxy saw it.
type response struct {
	// code is the HTTP status, "0" for none and "" for connections.
	code string
	// grpc is the gRPC status, "" where the call is not gRPC.
	grpc string
	// flags are Envoy's or ztunnel's response flags, "-" for none.
	flags string
}

// report is what one proxy tells of one kind of call. Equal reports are one
// series of each metric.
type report struct {
	reporter            string
	source, destination peer
	service             service
	protocol            string
	// response is absent from the metrics of messages.
	response response
	policy   string
}

// labelSet is a report as it stands between the braces of an exposition.
// There is one for each report of a mesh, so that pointers compare.
type labelSet struct{ text string }

// labelSets keeps the one labelSet of each report.
type labelSets map[report]*labelSet

func (l labelSets) of(r report) *labelSet {
	set, ok := l[r]
	if !ok {
		set = &labelSet{text: r.labels()}
		l[r] = set
	}
	return set
}

func (r report) labels() string {
	var b strings.Builder
	put := func(name, value string) {
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(name)
		b.WriteString(`="`)
		b.WriteString(escape.Replace(value))
		b.WriteByte('"')
	}

	s, d := r.source, r.destination
	put("reporter", r.reporter)
	put("source_workload", s.workload)
	put("source_canonical_service", s.app)
	put("source_canonical_revision", s.revision)
	put("source_workload_namespace", s.namespace)
	put("source_principal", s.principal)
	put("source_app", s.appLabel)
	put("source_version", s.version)
	put("source_cluster", s.cluster)
	put("destination_service", r.service.host)
	put("destination_service_namespace", r.service.namespace)
	put("destination_service_name", r.service.name)
	put("destination_workload", d.workload)
	put("destination_canonical_service", d.app)
	put("destination_canonical_revision", d.revision)
	put("destination_workload_namespace", d.namespace)
	put("destination_principal", d.principal)
	put("destination_app", d.appLabel)
	put("destination_version", d.version)
	put("destination_cluster", d.cluster)
	put("request_protocol", r.protocol)
	if r.response.code != "" {
		put("response_code", r.response.code)
	}
	if r.response.grpc != "" {
		put("grpc_response_status", r.response.grpc)
	}
	if r.response.flags != "" {
		put("response_flags", r.response.flags)
	}
	put("connection_security_policy", r.policy)
	return b.String()
}

// escape makes a label's value fit between quotes in the text format.
var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
