package app

import (
	"github.com/meshscope/meshscope/exporter/render"
	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/exporter/web"
)

// rendered gives a graph the form that q asks for.
func (s *graphSettings) rendered(g *topology.Graph, q web.Question) (web.Answer, error) {
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
