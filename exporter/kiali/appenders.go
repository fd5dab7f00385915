package kiali

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Appenders are Kiali's additions to a graph.
type Appenders struct {
	AggregateNode, DeadNode, Health, IdleNode, Istio, Labeler, MeshCheck, ResponseTime, SecurityPolicy, ServiceEntry,
	Throughput, WorkloadEntry bool
	// Named tells that they were asked for by name, so that one that cannot be
	// served is an error. Otherwise all are wanted that there are.
	Named bool
}

// appenders are Kiali's, with what they turn on. Those without are always run.
var appenders = map[string]func(*Appenders){
	"aggregateNode":    func(a *Appenders) { a.AggregateNode = true },
	"ambient":          func(*Appenders) {},
	"deadNode":         func(a *Appenders) { a.DeadNode = true },
	"health":           func(a *Appenders) { a.Health = true },
	"idleNode":         func(a *Appenders) { a.IdleNode = true },
	"istio":            func(a *Appenders) { a.Istio = true },
	"labeler":          func(a *Appenders) { a.Labeler = true },
	"meshCheck":        func(a *Appenders) { a.MeshCheck = true },
	"outsider":         func(*Appenders) {},
	"responseTime":     func(a *Appenders) { a.ResponseTime = true },
	"securityPolicy":   func(a *Appenders) { a.SecurityPolicy = true },
	"serviceEntry":     func(a *Appenders) { a.ServiceEntry = true },
	"sidecarsCheck":    func(a *Appenders) { a.MeshCheck = true }, // its older name
	"throughput":       func(a *Appenders) { a.Throughput = true },
	"trafficGenerator": func(*Appenders) {},
	"workloadEntry":    func(a *Appenders) { a.WorkloadEntry = true },
}

// allAppenders are all that there are.
func allAppenders() (all Appenders) {
	for _, turnOn := range appenders {
		turnOn(&all)
	}
	return all
}

func readAppenders(q *Question, text string) error {
	q.Appenders = Appenders{Named: true}
	for _, name := range list(text) {
		turnOn, ok := appenders[name]
		if !ok {
			return fmt.Errorf("unknown appender %q (want some of %s)", name, strings.Join(slices.Sorted(maps.Keys(appenders)), ", "))
		}
		turnOn(&q.Appenders)
	}
	return nil
}
