package kube

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// How long changes are collected before the inventory is made anew, and how
// long it lasts at least.
const (
	settle  = 100 * time.Millisecond
	lasting = 700 * time.Millisecond
)

// Watcher keeps an Inventory that follows its clusters. It is safe for
// concurrent use.
type Watcher struct {
	logger  log.Logger
	servers []*server
	// files are the clusters that are read from manifests; clusters are all, by their place in the configuration.
	files   map[int]*contents
	size    int
	changes chan struct{}
	done    chan struct{}

	making  sync.Mutex // held while an inventory is made
	current atomic.Pointer[Inventory]
	// told is what is missing as the log has it.
	told map[string]Missing
}

// Watch begins to read clusters, until ctx ends. It waits for none of them:
// what is not read yet, or cannot be, is Missing, and takes nothing else with
// it. An error is of the options: a file cannot be read.
func Watch(ctx context.Context, clusters []ClusterOptions, logger log.Logger) (*Watcher, error) {
	if logger == nil {
		logger = log.NewNopLogger()
	}
	w := &Watcher{
		logger: logger, files: map[int]*contents{}, size: len(clusters),
		changes: make(chan struct{}, 1), done: make(chan struct{}), told: map[string]Missing{},
	}
	scheme := newScheme()
	for i := range clusters {
		c := &clusters[i]
		if len(c.Manifests) > 0 {
			read, err := readManifests(c.Name, c.Manifests)
			if err != nil {
				return nil, err
			}
			w.files[i] = read
			continue
		}
		s, err := newServer(c, scheme, w.changed)
		if err != nil {
			return nil, err
		}
		w.servers = append(w.servers, s)
	}
	w.make()
	go w.run(ctx)
	return w, nil
}

// Inventory is what is known now. It takes no time.
func (w *Watcher) Inventory() *Inventory { return w.current.Load() }

// Missing is what cannot be read now, sorted.
func (w *Watcher) Missing() []Missing {
	var all []Missing
	for _, s := range w.servers {
		all = append(all, s.missing()...)
	}
	slices.SortFunc(all, Missing.compare)
	return all
}

// Sync waits until everything has been read, or failed to be, and until ctx
// ends at most.
func (w *Watcher) Sync(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for slices.ContainsFunc(w.Missing(), func(m Missing) bool { return m.Reason == NotYet }) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-w.done:
			return context.Canceled
		case <-tick.C:
		}
	}
	w.make()
	return nil
}

// Done is closed when the Watcher has ended.
func (w *Watcher) Done() <-chan struct{} { return w.done }

func (w *Watcher) changed() {
	select {
	case w.changes <- struct{}{}:
	default: // there are changes already
	}
}

// run keeps the inventory until ctx ends.
func (w *Watcher) run(ctx context.Context) {
	defer close(w.done)
	var running sync.WaitGroup
	defer running.Wait()
	for _, s := range w.servers {
		running.Go(func() { s.run(ctx) })
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.changes:
		}
		if !pause(ctx, settle) {
			return
		}
		select { // what has come meanwhile is in it
		case <-w.changes:
		default:
		}
		w.make()
		if !pause(ctx, lasting) {
			return
		}
	}
}

// pause waits, and tells that ctx has not ended meanwhile.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// make makes the inventory anew.
func (w *Watcher) make() {
	w.making.Lock()
	defer w.making.Unlock()
	w.tell()
	all := make([]*contents, 0, w.size)
	servers := w.servers
	for i := range w.size {
		if c := w.files[i]; c != nil {
			all = append(all, c)
			continue
		}
		all = append(all, servers[0].contents())
		servers = servers[1:]
	}
	w.current.Store(newInventory(all))
}

// tell logs what is missing since it was last told, and what is no more. One
// line for a cluster and reason: a server that is away would make one for each
// resource.
func (w *Watcher) tell() {
	type about struct {
		cluster string
		reason  Reason
	}
	fresh, back := map[about][]string{}, map[string][]string{}
	errs := map[about]error{}
	now := map[string]Missing{}
	for _, m := range w.Missing() {
		key := m.Cluster + " " + m.Resource
		before, known := w.told[key]
		if m.Reason == NotYet {
			if known {
				now[key] = before // it is still not read
			}
			continue
		}
		now[key] = m
		if !known || before.Reason != m.Reason {
			of := about{m.Cluster, m.Reason}
			fresh[of], errs[of] = append(fresh[of], m.Resource), m.Err
		}
	}
	for key, m := range w.told {
		if _, missing := now[key]; !missing {
			back[m.Cluster] = append(back[m.Cluster], m.Resource)
		}
	}
	w.told = now
	for of, resources := range fresh {
		logger, say := level.Warn(w.logger), "cannot read a part of a cluster"
		if of.reason == NotInstalled {
			logger, say = level.Info(w.logger), "a cluster does not have some custom resources; they are read when they come"
		}
		logger.Log("msg", say, "cluster", of.cluster, "reason", of.reason, "resources", strings.Join(resources, " "), "err", errs[of])
	}
	for cluster, resources := range back {
		level.Info(w.logger).Log("msg", "a part of a cluster is read again", "cluster", cluster, "resources", strings.Join(resources, " "))
	}
}
