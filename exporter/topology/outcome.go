package topology

import (
	"cmp"
	"strings"
)

// Response is how a request ended, by the labels of Istio's request metrics.
type Response struct {
	Code       string // response_code: HTTP's; "0" is no response; a class such as "5xx" where telemetry collapses codes
	GRPCStatus string // grpc_response_status, empty where absent
	Flags      string // response_flags of Envoy, empty for none
}

func (r Response) compare(o Response) int {
	return cmp.Or(strings.Compare(r.Code, o.Code), strings.Compare(r.GRPCStatus, o.GRPCStatus), strings.Compare(r.Flags, o.Flags))
}

// Outcome is the class of a Response that rates and colours are made from.
type Outcome uint8

// The outcomes. HTTP has classes; gRPC has only OK and error (a gRPC call that
// ended with an HTTP error is an error). NoResponse is both's.
const (
	Success     Outcome = iota // HTTP 1xx, 2xx
	Redirect                   // HTTP 3xx
	ClientError                // HTTP 4xx
	ServerError                // HTTP 5xx
	NoResponse                 // response code 0: the caller got none
	GRPCOK
	GRPCError
	OtherOutcome // a code that is missing or not known
	NumOutcomes
)

var outcomeNames = [NumOutcomes]string{"2xx", "3xx", "4xx", "5xx", "no response", "grpc ok", "grpc error", "other"}

// String is the outcome's name, as legends show it.
func (o Outcome) String() string { return outcomeNames[min(o, OtherOutcome)] }

// IsError tells that the call failed for its caller: HTTP 4xx and 5xx, a gRPC
// status other than 0, and no response.
func (o Outcome) IsError() bool {
	return o == ClientError || o == ServerError || o == NoResponse || o == GRPCError
}

// Outcome classifies the response of a call of the given protocol. For gRPC an
// HTTP error wins over the status, and a call without a status is judged by
// its HTTP code, as Kiali does it.
func (r Response) Outcome(p Protocol) Outcome {
	http := r.httpOutcome()
	if p != GRPC || http == NoResponse {
		return http
	}
	switch {
	case http == ClientError || http == ServerError:
		return GRPCError
	case r.GRPCStatus == "0":
		return GRPCOK
	case r.GRPCStatus != "":
		return GRPCError
	case http == OtherOutcome:
		return OtherOutcome
	default:
		return GRPCOK
	}
}

func (r Response) httpOutcome() Outcome {
	switch {
	case r.Code == "0" || r.Code == "-":
		return NoResponse
	case len(r.Code) != 3:
		return OtherOutcome
	}
	switch r.Code[0] {
	case '1', '2':
		return Success
	case '3':
		return Redirect
	case '4':
		return ClientError
	case '5':
		return ServerError
	}
	return OtherOutcome
}
