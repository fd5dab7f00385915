package mesh

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Kind is what a fault does.
type Kind string

// The kinds of faults. Those that name calls take a destination, and a source
// or none for calls from anywhere.
const (
	// Errors answers a share of the attempts with 503, gRPC ones with status 14
	// as well, so that proxies which retry hide some. Connections fail to open.
	Errors Kind = "errors"
	// Latency adds milliseconds to the answers.
	Latency Kind = "latency"
	// NoEndpoints lets a share of the calls find no endpoint (all, unless told
	// otherwise): UH, reported by the client's proxy or the waypoint only.
	NoEndpoints Kind = "no-endpoints"
	// Plaintext makes a share of the calls without mutual TLS (all, unless told
	// otherwise).
	Plaintext Kind = "plaintext"
	// NewDependency makes calls that were not made before, by the second (one,
	// unless told otherwise). It needs a source.
	NewDependency Kind = "new-dependency"
	// Restart replaces the pods of a workload, once.
	Restart Kind = "restart"
	// Reset lets the proxies of a workload count from zero in the pods that
	// they are in, once.
	Reset Kind = "reset"
	// Scale sets the number of pods of a workload.
	Scale Kind = "scale"
)

// Fault is something that goes wrong, or is made to change, in the mesh.
type Fault struct {
	// Kind is what it does.
	Kind Kind
	// SourceNamespace and SourceWorkload name the caller; both are empty where
	// any caller is meant, and where no calls are.
	SourceNamespace, SourceWorkload string
	// DestinationNamespace and DestinationWorkload name the workload called, or
	// the one that Restart, Reset and Scale are about. A host outside the mesh
	// has no namespace.
	DestinationNamespace, DestinationWorkload string
	// Value is a share of calls from 0 to 1, milliseconds for Latency, calls
	// per second for NewDependency, pods for Scale, and 0 for the others.
	Value float64
}

// kinds says of each kind what its value is.
var kinds = []struct {
	kind Kind
	// once is true for what happens and is over.
	once bool
	// optional values have a default.
	optional bool
	fallback float64
	// check refuses values, nil for kinds that have none.
	check func(float64) error
}{
	{kind: Errors, check: isShare},
	{kind: Latency, check: isDelay},
	{kind: NoEndpoints, optional: true, fallback: 1, check: isShare},
	{kind: Plaintext, optional: true, fallback: 1, check: isShare},
	{kind: NewDependency, optional: true, fallback: 1, check: isRate},
	{kind: Restart, once: true},
	{kind: Reset, once: true},
	{kind: Scale, check: isReplicas},
}

func isShare(v float64) error {
	if !(v > 0 && v <= 1) {
		return errors.New("must be a share above 0 and up to 1")
	}
	return nil
}

func isDelay(v float64) error {
	if !(v > 0 && v <= 3600000) {
		return errors.New("must be milliseconds above 0 and up to an hour")
	}
	return nil
}

func isRate(v float64) error {
	if !(v > 0 && v <= 1000) {
		return errors.New("must be calls per second above 0 and up to 1000")
	}
	return nil
}

func isReplicas(v float64) error {
	if !(v >= 0 && v <= 100 && v == float64(int(v))) {
		return errors.New("must be a whole number of pods from 0 to 100")
	}
	return nil
}

// FaultSyntax says how a fault is written.
const FaultSyntax = `kind:[source->]destination[=value], ends as namespace/workload, or a host outside the mesh`

// ParseFault reads a fault as it is written on a command line or in a request:
//
//	errors:bookinfo/reviews-v2->bookinfo/ratings-v1=0.5
//	latency:online-boutique/paymentservice=250ms
//	no-endpoints:bookinfo/details-v1
//	new-dependency:bookinfo/details-v1->sock-shop/catalogue=2
//	scale:online-boutique/frontend=5
//
// Whether the mesh has such workloads is for Set to tell.
func ParseFault(text string) (Fault, error) {
	f, err := parseFault(text)
	if err != nil {
		return Fault{}, fmt.Errorf("fault %q: %w", text, err)
	}
	return f, nil
}

func parseFault(text string) (Fault, error) {
	kind, rest, ok := strings.Cut(strings.TrimSpace(text), ":")
	if !ok {
		return Fault{}, errors.New("not of the form " + FaultSyntax)
	}
	f := Fault{Kind: Kind(kind)}
	rest, value, hasValue := strings.Cut(rest, "=")
	source, destination, hasSource := strings.Cut(rest, "->")
	if !hasSource {
		source, destination = "", rest
	}
	var err error
	if hasSource {
		if f.SourceNamespace, f.SourceWorkload, err = parseEnd(source); err != nil {
			return Fault{}, fmt.Errorf("source: %w", err)
		}
	}
	if f.DestinationNamespace, f.DestinationWorkload, err = parseEnd(destination); err != nil {
		return Fault{}, fmt.Errorf("destination: %w", err)
	}

	for _, k := range kinds {
		if k.kind != f.Kind {
			continue
		}
		switch {
		case !hasValue && (k.optional || k.check == nil):
			f.Value = k.fallback
		case !hasValue:
			return Fault{}, fmt.Errorf("%s needs a value: =…", f.Kind)
		case k.check == nil:
			return Fault{}, fmt.Errorf("%s takes no value", f.Kind)
		default:
			if f.Value, err = parseValue(f.Kind, value); err != nil {
				return Fault{}, err
			}
		}
	}
	return f, f.check()
}

// parseEnd reads namespace/workload, or the name of a host.
func parseEnd(text string) (namespace, workload string, err error) {
	text = strings.TrimSpace(text)
	namespace, workload, ok := strings.Cut(text, "/")
	if !ok {
		namespace, workload = "", text
	}
	if workload == "" || ok && namespace == "" || strings.Contains(workload, "/") {
		return "", "", fmt.Errorf("%q is not namespace/workload, nor a host", text)
	}
	return namespace, workload, nil
}

// parseValue reads a number; a latency may also be a duration.
func parseValue(kind Kind, text string) (float64, error) {
	text = strings.TrimSpace(text)
	v, err := strconv.ParseFloat(text, 64)
	if err == nil {
		return v, nil
	}
	if kind == Latency {
		if d, err := time.ParseDuration(text); err == nil {
			return float64(d) / float64(time.Millisecond), nil
		}
	}
	return 0, fmt.Errorf("value %q is not a number", text)
}

// check refuses what makes no sense in any mesh.
func (f Fault) check() error {
	known := make([]string, 0, len(kinds))
	for _, k := range kinds {
		known = append(known, string(k.kind))
		if k.kind != f.Kind {
			continue
		}
		if k.check == nil && f.Value != 0 {
			return fmt.Errorf("%s takes no value", f.Kind)
		}
		if k.check != nil {
			if err := k.check(f.Value); err != nil {
				return fmt.Errorf("value %v: %w", f.Value, err)
			}
		}
		if f.DestinationWorkload == "" {
			return errors.New("a destination is needed")
		}
		switch f.Kind {
		case NewDependency:
			if f.SourceWorkload == "" {
				return fmt.Errorf("%s needs a source: source->destination", f.Kind)
			}
		case Restart, Reset, Scale:
			if f.SourceWorkload != "" {
				return fmt.Errorf("%s is about one workload, not about calls", f.Kind)
			}
		}
		return nil
	}
	return fmt.Errorf("unknown kind %q: use one of %s", f.Kind, strings.Join(known, ", "))
}

// String writes the fault as ParseFault reads it.
func (f Fault) String() string {
	text := f.Name()
	if f.Value != 0 || f.Kind == Scale {
		text += "=" + strconv.FormatFloat(f.Value, 'g', -1, 64)
	}
	return text
}

// Name is the fault without its value: what makes two faults the same.
func (f Fault) Name() string {
	end := func(namespace, workload string) string {
		if namespace == "" {
			return workload
		}
		return namespace + "/" + workload
	}
	text := string(f.Kind) + ":"
	if f.SourceWorkload != "" {
		text += end(f.SourceNamespace, f.SourceWorkload) + "->"
	}
	return text + end(f.DestinationNamespace, f.DestinationWorkload)
}

// once reports whether the fault happens and is over.
func (f Fault) once() bool {
	for _, k := range kinds {
		if k.kind == f.Kind {
			return k.once
		}
	}
	return false
}
