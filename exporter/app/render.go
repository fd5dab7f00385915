package app

import (
	"github.com/meshscope/meshscope/exporter/kiali"
	"github.com/meshscope/meshscope/exporter/render"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/exporter/web"
)

// rendered gives a graph the form that q asks for.
func (s *graphSettings) rendered(g *topology.Graph, q web.Question) (web.Answer, error) {
	if q.Output == "kiali" {
		return s.kialiForm(g, q)
	}
	format, err := render.ParseFormat(q.Output)
	if err != nil {
		return web.Answer{}, web.Errorf(web.ErrorBadData, "%w", err)
	}
	body := new(web.Body)
	if err := format.Write(body, g, q.Width); err != nil {
		return web.Answer{}, writeError(err)
	}
	return web.Answer{Body: body.Bytes(), ContentType: format.ContentType}, nil
}

// kialiForm gives a graph Kiali's form, as its API does where nothing else is asked for.
func (s *graphSettings) kialiForm(g *topology.Graph, q web.Question) (web.Answer, error) {
	view := kiali.View{Question: kiali.Default(), Kubernetes: s.kubernetes, Chosen: true}
	view.Level, view.Namespaces = g.Level, q.Namespaces
	view.ServiceNodes, view.IdleEdges, view.Waypoints = q.ServiceNodes, q.Idle, q.Waypoints
	body := new(web.Body)
	if err := kiali.Write(body, g, view); err != nil {
		return web.Answer{}, writeError(err)
	}
	return web.Answer{Body: body.Bytes(), ContentType: "application/json"}, nil
}
