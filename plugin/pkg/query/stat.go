package query

// Stat is a number that a node or an edge can show.
type Stat string

// The stats.
const (
	RequestRate    Stat = "requestRate"    // HTTP and gRPC calls
	ErrorRatio     Stat = "errorRatio"     // part of these calls that failed
	Avg            Stat = "avg"            // mean of their durations
	P50            Stat = "p50"            // and quantiles
	P95            Stat = "p95"            //
	P99            Stat = "p99"            //
	Throughput     Stat = "throughput"     // bytes of request and response bodies
	MessageRate    Stat = "messageRate"    // gRPC messages, both ways
	TCPRate        Stat = "tcpRate"        // bytes over TCP, both ways
	ConnectionRate Stat = "connectionRate" // TCP connections that were opened
	MTLS           Stat = "mtls"           // part of the traffic that was mutual TLS
)

// Stats are all stats.
var Stats = []Stat{
	RequestRate, ErrorRatio, Avg, P50, P95, P99, Throughput, MessageRate, TCPRate, ConnectionRate, MTLS,
}

// maxStats is what the panel of graphs has room for: a main and a secondary stat.
const maxStats = 2
