package render

import "github.com/meshscope/meshscope/exporter/topology"

// jsonHealth is a verdict; nothing, where there is none.
type jsonHealth struct {
	Health string     `json:"health,omitempty"`
	Cause  *jsonCause `json:"healthCause,omitempty"`
	By     string     `json:"healthBy,omitempty"`
}

// jsonCause is the ratio that a verdict was reached by.
type jsonCause struct {
	ErrorRatio figure             `json:"errorRatio,omitzero"`
	Tolerance  string             `json:"tolerance"`
	Direction  topology.Direction `json:"direction"`
	Protocol   topology.Protocol  `json:"protocol"`
}

func jsonHealthOf(v *topology.Verdict) (j jsonHealth) {
	if v == nil || v.Health == topology.HealthNA {
		return j
	}
	j.Health = v.Health.String()
	if r, ok := v.Cause(); ok {
		j.Cause = &jsonCause{
			ErrorRatio: figure(r.Ratio()), Tolerance: known(r.Tolerance), Direction: r.Direction, Protocol: r.Protocol,
		}
	}
	if v.By != (topology.Ref{}) {
		j.By = v.By.ID()
	}
	return j
}
