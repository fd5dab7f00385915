package frames

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/meshscope/meshscope/exporter/topology"
	"github.com/meshscope/meshscope/plugin/pkg/query"
	"github.com/meshscope/meshscope/plugin/pkg/source"
)

const changesFrame = "changes"

// Known is the graph of all that lived, without its traffic.
func Known(iv topology.Interval, lives source.Lives, q query.Query) *topology.Graph {
	var flows []topology.Flow
	for i, life := range lives.All {
		if i > 0 && lives.All[i-1].Key == life.Key {
			continue // they are in order
		}
		hop := lives.IsWaypoint(life.Key.Source) || lives.IsWaypoint(life.Key.Destination)
		if !hop || q.Waypoints {
			// Of which protocol is not known, and all are of one that is asked for.
			flows = append(flows, topology.Flow{Key: life.Key, Protocol: q.Protocols[0], Traffic: new(topology.Traffic)})
		}
	}
	return topology.Build(iv, flows, topology.BuildOptions{
		Level: q.Level, Idle: true, ServiceNodes: q.ServiceNodes, IsWaypoint: lives.IsWaypoint,
	})
}

// Changes makes a frame of annotations: which of what v shows of the graph came
// or went in its interval. What is the sum of several edges of workloads is
// there as long as one of these is.
func Changes(whole *topology.Graph, lives source.Lives, v View) data.Frames {
	by := map[topology.EdgeKey][]source.Life{}
	for _, life := range lives.All {
		by[life.Key] = append(by[life.Key], life)
	}
	ofPair, ofNode := map[pair]livesOfKeys{}, map[*topology.Node]livesOfKeys{}
	for _, e := range whole.Edges {
		for _, f := range e.Flows {
			ofPair[pairOf(e)] = ofPair[pairOf(e)].with(f.Key, by)
			ofNode[e.Source] = ofNode[e.Source].with(f.Key, by)
			ofNode[e.Target] = ofNode[e.Target].with(f.Key, by)
		}
	}
	end := whole.Interval.End
	begin := end.Add(-whole.Interval.Length)
	var all []change
	add := func(lives []source.Life, of change) {
		for _, life := range lives {
			if life.Came && life.From.After(begin) && !life.From.After(end) {
				of.at, of.came = life.From, true
				all = append(all, of)
			}
			if life.Went && life.Until.After(begin) && !life.Until.After(end) {
				of.at, of.came = life.Until, false
				all = append(all, of)
			}
		}
	}
	chosen := choose(whole, v.Query)
	for _, n := range inside(chosen, v.Query) {
		add(ofNode[n].together(true), change{node: n})
	}
	for p := range byPair(chosen) {
		add(ofPair[p].together(false), change{node: p.source, target: p.target})
	}
	return changesFrameOf(all, v)
}

// livesOfKeys are the lives of the edges that something is made of.
type livesOfKeys struct {
	keys  map[topology.EdgeKey]bool
	lives []source.Life
}

func (l livesOfKeys) with(key topology.EdgeKey, by map[topology.EdgeKey][]source.Life) livesOfKeys {
	if l.keys[key] {
		return l
	}
	if l.keys == nil {
		l.keys = map[topology.EdgeKey]bool{}
	}
	l.keys[key] = true
	l.lives = append(l.lives, by[key]...)
	return l
}

// together are the times at which at least one life was. Of an end that was no
// change nobody knows whether it was one: stays takes it for none when another
// life begins.
func (l livesOfKeys) together(stays bool) (all []source.Life) {
	slices.SortFunc(l.lives, func(a, b source.Life) int { return a.From.Compare(b.From) })
	for _, life := range l.lives {
		last := len(all) - 1
		if last < 0 || !goesOn(all[last], life, stays) {
			all = append(all, life)
			continue
		}
		one := &all[last]
		if life.From.Equal(one.From) {
			one.Came = one.Came && life.Came
		}
		switch {
		case one.Until.IsZero():
		case life.Until.IsZero() || life.Until.After(one.Until):
			one.Until, one.Went = life.Until, life.Went
		case life.Until.Equal(one.Until):
			one.Went = one.Went && life.Went
		}
	}
	return all
}

func goesOn(one, next source.Life, stays bool) bool {
	return one.Until.IsZero() || !next.From.After(one.Until) || stays && !one.Went
}

// change is a node or an edge that came or went.
type change struct {
	at           time.Time
	came         bool
	node, target *topology.Node // target is nil of a node
}

func changesFrameOf(all []change, v View) data.Frames {
	slices.SortFunc(all, func(a, b change) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.id(), b.id())) })
	shown := all[len(all)-min(len(all), v.Query.Limit):]
	made := frame(changesFrame, []column[change]{
		{"time", data.FieldConfig{}, func(rows []change) any { return each(rows, func(c change) time.Time { return c.at.UTC() }) }},
		text("title", "", change.title),
		text("text", "", change.text),
		text("tags", "", func(c change) string { return strings.Join(c.tags(), ",") }),
		text("id", "", change.id),
	}, shown)
	made.Meta = v.contractMeta(data.FrameTypeTable)
	made.AppendNotices(v.Notices...)
	if len(shown) < len(all) {
		text := fmt.Sprintf("%d of %d changes are shown, the latest. Ask for fewer namespaces, or for a shorter range", len(shown), len(all))
		made.AppendNotices(data.Notice{Severity: data.NoticeSeverityWarning, Text: text + moreAllowed(v.Query) + "."})
	}
	return data.Frames{made}
}

func (c change) entity() string {
	if c.target == nil {
		return "node"
	}
	return "edge"
}

func (c change) word() string {
	if c.came {
		return "added"
	}
	return "removed"
}

// title is "Edge added: productpage-v1 → reviews-v2".
func (c change) title() string {
	name := titleOf(c.node)
	if c.target != nil {
		name += " → " + titleOf(c.target)
	}
	return strings.ToUpper(c.entity()[:1]) + c.entity()[1:] + " " + c.word() + ": " + name
}

// text tells the names in full, and how it is known.
func (c change) text() string {
	text := fullName(c.node)
	if c.target != nil {
		text = fullName(c.node) + " → " + fullName(c.target)
	}
	if c.came {
		return text + ": traffic was seen for the first time."
	}
	return text + ": there has been no traffic for so long that the exporter let go of it (limits.idle_ttl)."
}

// fullName is "workload reviews-v2 (bookinfo, Kubernetes)".
func fullName(n *topology.Node) string {
	text := string(n.Kind) + " " + titleOf(n)
	var places []string
	for _, place := range []string{n.Namespace, n.Cluster} {
		if place != "" {
			places = append(places, place)
		}
	}
	if len(places) > 0 {
		text += " (" + strings.Join(places, ", ") + ")"
	}
	return text
}

// tags are what annotations are filtered by. Grafana parts them at commas.
func (c change) tags() []string {
	tags := []string{c.word(), c.entity()}
	for _, n := range []*topology.Node{c.node, c.target} {
		if n == nil {
			continue
		}
		if name := strings.ReplaceAll(namespaceOf(n), ",", "_"); name != "" && !slices.Contains(tags[2:], name) {
			tags = append(tags, name)
		}
	}
	return tags
}

// id is the same whenever it is asked.
func (c change) id() string {
	id := c.node.ID()
	if c.target != nil {
		id = edgeID(id, c.target.ID())
	}
	return fmt.Sprintf("%s@%d:%s", c.word(), c.at.UnixMilli(), id)
}
