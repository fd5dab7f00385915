package health

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Annotation is what a workload or a Service says of itself what is tolerated
// of it, instead of all that is configured.
const Annotation = "health.kiali.io/rate"

// PartProblem is what is wrong with a part of an annotation.
type PartProblem struct {
	Part string
	// Useless tells that the part holds, and that nothing is like it.
	Useless bool
	Text    string
}

// ParseAnnotation reads the value of an annotation: parts, separated by
// semicolons, of five fields each, separated by commas: code, degraded,
// failure, protocol, direction. A part that has a problem is left out.
func ParseAnnotation(text string) (valid []Tolerance, problems []PartProblem) {
	for part := range strings.SplitSeq(text, ";") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		t, err := parsePart(part)
		if err != nil {
			problems = append(problems, PartProblem{Part: part, Text: err.Error()})
			continue
		}
		valid = append(valid, t)
		for _, p := range t.Problems() {
			problems = append(problems, PartProblem{Part: part, Useless: true, Text: p.Field + ": " + p.Text})
		}
	}
	return valid, problems
}

var errFields = errors.New("not five fields (want code,degraded,failure,protocol,direction)")

func parsePart(part string) (t Tolerance, err error) {
	fields := strings.Split(part, ",")
	if len(fields) != 5 {
		return t, errFields
	}
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	t.Code, t.Protocol, t.Direction = fields[0], fields[3], fields[4]
	if t.Degraded, err = parsePercent("degraded", fields[1]); err != nil {
		return t, err
	}
	if t.Failure, err = parsePercent("failure", fields[2]); err != nil {
		return t, err
	}
	for _, p := range t.Problems() {
		if !p.Useless {
			return t, fmt.Errorf("%s: %s", p.Field, p.Text)
		}
	}
	return t, nil
}

func parsePercent(field, text string) (float64, error) {
	percent, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(percent) {
		return 0, fmt.Errorf("%s: not a percentage: %q (want a number, e.g. 10)", field, text)
	}
	return percent, nil
}
