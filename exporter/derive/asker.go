package derive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/meshscope/meshscope/exporter/istio"
	"github.com/meshscope/meshscope/exporter/promql"
	"github.com/meshscope/meshscope/exporter/promql/expr"
	"github.com/meshscope/meshscope/exporter/topology"
)

// Options are what an Asker needs.
type Options struct {
	Client  *promql.Client
	Dialect istio.Dialect
	// AllowPartial takes answers with warnings, which may lack something. It is
	// for those who asked their store for partial answers.
	AllowPartial bool
	// Observe is told of each query that ended; it may be nil, and must be
	// safe for concurrent use.
	Observe func(Observation)
	// Parted is told of a question that the store found too large and that is
	// asked in parts; it may be nil, and must be safe for concurrent use.
	Parted func(query string, parts int, cause error)
}

// Observation is of one query that ended.
type Observation struct {
	// Name tells which question it was of, Text is its PromQL.
	Name, Text string
	// Outcome is OutcomePartial or what promql.Outcome says.
	Outcome  string
	Warnings []string // the store's own
	Took     time.Duration
}

// Asker puts questions to a store, side by side. Its readers remember label
// sets from one answer to the next. It is for one Ask at a time.
type Asker struct {
	options Options
	readers map[string]*istio.Reader
	parts   map[string]partition
}

// NewAsker is an Asker that has not asked yet.
func NewAsker(o Options) *Asker {
	if o.Observe == nil {
		o.Observe = func(Observation) {}
	}
	if o.Parted == nil {
		o.Parted = func(string, int, error) {}
	}
	return &Asker{options: o, readers: map[string]*istio.Reader{}, parts: map[string]partition{}}
}

// Instants are the instants that a question is asked for: each multiple of
// Step after From, up to To. What the answers say is summed.
type Instants struct {
	From, To time.Time
	Step     time.Duration
}

// At is one instant.
func At(t time.Time) Instants { return Instants{From: t, To: t} }

func (i Instants) single() bool { return i.Step == 0 || !i.From.Add(i.Step).Before(i.To) }

// ErrPartial is the cause of errors about answers that may lack something.
var ErrPartial = errors.New("the store's answer may be partial")

// OutcomePartial is the outcome of a query whose answer was refused for that.
const OutcomePartial = "partial"

// Ask puts all questions and returns what all answers say together. Either all
// are answered in full, or there is an error, and no reports.
func (a *Asker) Ask(ctx context.Context, questions []istio.Question, when Instants) (*topology.Reports, istio.Tally, error) {
	all, tally := topology.NewReports(0), istio.Tally{}
	partitions := make([]partition, len(questions))
	var mu sync.Mutex // for the sums
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(a.options.Client.MaxConcurrency())
	for _, i := range dearestFirst(questions) {
		q := questions[i]
		reader := a.reader(q)
		part := a.parts[q.Name]
		group.Go(func() error {
			got, err := a.askInParts(groupCtx, q, reader, when, part)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			// While the store works on the rest. The sums do not depend on who is
			// first (T4): no field is of more than two questions, growth and births.
			all.Absorb(got.reports)
			tally.Add(got.tally)
			partitions[i] = got.partition
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, istio.Tally{}, err
	}
	for i, q := range questions {
		a.parts[q.Name] = partitions[i]
	}
	istio.FinishLatency(all, &tally)
	return all, tally, nil
}

// dearestFirst are the places of questions in the order in which to ask them:
// those for durations take by far the longest, and the others have their order.
// So none of them is begun when all else is done.
func dearestFirst(questions []istio.Question) []int {
	order := make([]int, len(questions))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch dear := questions[a].IsLatency(); {
		case dear == questions[b].IsLatency():
			return 0
		case dear:
			return -1
		}
		return 1
	})
	return order
}

// answer is what the answers to one question say.
type answer struct {
	reports   *topology.Reports
	tally     istio.Tally
	partition partition
}

func (a *Asker) reader(q istio.Question) *istio.Reader {
	r, ok := a.readers[q.Name]
	if !ok || !r.Reads(q) {
		r = istio.NewReader(q)
		a.readers[q.Name] = r
	}
	return r
}

// ask puts one question, for the part of the mesh that matchers leave.
func (a *Asker) ask(ctx context.Context, q istio.Question, reader *istio.Reader, when Instants, matchers ...expr.Matcher) (answer, error) {
	text, err := q.Expr(matchers...)
	if err != nil {
		return answer{}, fmt.Errorf("query %s: %w", q.Name, err)
	}
	got := answer{reports: topology.NewReports(0)}
	reader.Begin(got.reports, &got.tally)
	defer reader.End()
	err = a.query(ctx, q.Name, text, when, func(s *promql.Series) {
		total := 0.0
		for _, p := range s.Points {
			total += p.Value
		}
		reader.Add(s.All(), total)
	})
	return got, err
}

// query asks for an expression and observes how it ended.
func (a *Asker) query(ctx context.Context, name, text string, when Instants, each func(*promql.Series)) error {
	var (
		info promql.Answer
		err  error
	)
	read := func(s *promql.Series) error { each(s); return nil }
	if when.single() {
		info, err = a.options.Client.Query(ctx, text, when.To, read)
	} else {
		span := promql.Range{Start: when.From.Add(when.Step), End: when.To, Step: when.Step}
		info, err = a.options.Client.QueryRange(ctx, text, span, read)
	}
	outcome := promql.Outcome(err)
	if err == nil && len(info.Warnings) > 0 && !a.options.AllowPartial {
		err, outcome = fmt.Errorf("%w: %s", ErrPartial, strings.Join(info.Warnings, "; ")), OutcomePartial
	}
	a.options.Observe(Observation{Name: name, Text: text, Outcome: outcome, Warnings: info.Warnings, Took: info.Duration})
	if err != nil {
		return fmt.Errorf("query %s: %w", name, err)
	}
	return nil
}

// Scalar asks for an expression of which one number is wanted; ok is false
// where there is none.
func (a *Asker) Scalar(ctx context.Context, name, text string, at time.Time) (value float64, ok bool, err error) {
	err = a.query(ctx, name, text, At(at), func(s *promql.Series) {
		value, ok = s.Points[len(s.Points)-1].Value, true
	})
	return value, ok && err == nil, err
}

// Series asks for an expression and hands over its series one by one.
func (a *Asker) Series(ctx context.Context, name, text string, at time.Time, each func(*promql.Series)) error {
	return a.query(ctx, name, text, At(at), each)
}

// partition says in how many parts a question is asked, and since when.
type partition struct {
	parts int
	since time.Time
}

// wholeAgain is after how long a question that was too large is asked as a
// whole again.
const wholeAgain = time.Hour

// maxParts bounds the parts of a question; beyond it there is one namespace
// that alone is too large, or thousands of namespaces.
const maxParts = 1 << 10

func (a *Asker) askInParts(ctx context.Context, q istio.Question, reader *istio.Reader, when Instants, p partition) (answer, error) {
	if p.parts <= 1 || when.To.Sub(p.since) > wholeAgain {
		got, err := a.ask(ctx, q, reader, when)
		if !promql.IsTooLarge(err) {
			return got, err
		}
		p = partition{parts: 2, since: when.To}
		a.options.Parted(q.Name, p.parts, err)
	}
	namespaces, err := a.namespaces(ctx, q, when.To)
	if err != nil {
		return answer{}, err
	}
	for {
		got, err := a.askParts(ctx, q, reader, when, namespaces, p)
		if !promql.IsTooLarge(err) || p.parts >= min(len(namespaces), maxParts) {
			return got, err
		}
		p.parts *= 2
		a.options.Parted(q.Name, p.parts, err)
	}
}

func (a *Asker) askParts(ctx context.Context, q istio.Question, reader *istio.Reader, when Instants, namespaces []string, p partition) (answer, error) {
	all := answer{reports: topology.NewReports(0), partition: p}
	for part := range slices.Chunk(namespaces, (len(namespaces)+p.parts-1)/p.parts) {
		got, err := a.ask(ctx, q, reader, when, expr.OneOf(istio.PartLabel.String(), part...))
		if err != nil {
			return answer{}, err
		}
		all.reports.Absorb(got.reports)
		all.tally.Add(got.tally)
	}
	return all, nil
}

// namespaces are the values by which a question is parted, "" for series
// without the label among them.
func (a *Asker) namespaces(ctx context.Context, q istio.Question, at time.Time) ([]string, error) {
	seen := map[string]bool{"": true}
	for _, m := range q.Metrics {
		text, err := a.options.Dialect.Namespaces(m, q.Reach)
		if err != nil {
			return nil, err
		}
		err = a.query(ctx, "namespaces", text, At(at), func(s *promql.Series) {
			seen[string(s.Get(istio.PartLabel.String()))] = true
		})
		if err != nil {
			return nil, err
		}
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}
