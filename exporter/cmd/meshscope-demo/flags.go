package main

import (
	"errors"
	"io"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"

	"github.com/meshscope/meshscope/exporter/demo"
	"github.com/meshscope/meshscope/exporter/demo/mesh"
	"github.com/meshscope/meshscope/exporter/logging"
)

const (
	// redraw is how often the table on a terminal is drawn.
	redraw = 3 * time.Second
	// settle is how long the table that is printed once waits for more edges.
	settle = 30 * time.Second
	// lastLines is how much of the log is left on a terminal at the end.
	lastLines = 20
)

// errHelp is returned where the arguments ask for help or the version, and
// the answer is given.
var errHelp = errors.New("help was asked for")

// options are what the arguments say.
type options struct {
	demo                demo.Options
	noExporter          bool
	noPrometheus        bool
	logLevel, logFormat string
}

// faults collects the values of a flag that may be repeated.
type faults []mesh.Fault

// Set reads one more fault.
func (f *faults) Set(text string) error {
	fault, err := mesh.ParseFault(text)
	if err != nil {
		return err
	}
	*f = append(*f, fault)
	return nil
}

// String is the default in the help: none.
func (f *faults) String() string { return "" }

// IsCumulative tells kingpin that the flag may be repeated.
func (f *faults) IsCumulative() bool { return true }

// parse reads the command line.
func parse(arguments []string, stdout, stderr io.Writer) (options, error) {
	var o options
	ended := false
	app := kingpin.New("meshscope-demo", "A simulated Istio mesh, a Prometheus that scrapes it, and its map, in one process.").
		UsageWriter(stdout).ErrorWriter(stderr).
		Terminate(func(int) { ended = true }).
		Version(version.Print("meshscope-demo"))
	app.HelpFlag.Short('h')

	app.Flag("web.listen-address", "Where the exporter listens.").
		Default("127.0.0.1:9877").StringVar(&o.demo.ExporterAddress)
	app.Flag("prometheus.listen-address", "Where Prometheus's API listens.").
		Default("127.0.0.1:9090").StringVar(&o.demo.PrometheusAddress)
	app.Flag("demo.listen-address", "Where the proxies' metrics are, and faults are set.").
		Default("127.0.0.1:9878").StringVar(&o.demo.DemoAddress)
	app.Flag("no-exporter", "Do not run the exporter: run it yourself, on the address of --web.listen-address.").
		BoolVar(&o.noExporter)
	app.Flag("no-prometheus", "Run neither Prometheus nor the exporter, but the mesh alone. Your Prometheus finds its proxies by http_sd_configs at /targets of --demo.listen-address.").
		BoolVar(&o.noPrometheus)
	app.Flag("namespaces", "Generated namespaces beside Bookinfo, Online Boutique and Sock Shop. 50 of 20 workloads make 2,800 edges.").
		Default("0").IntVar(&o.demo.Mesh.Namespaces)
	app.Flag("workloads", "Workloads of each generated namespace.").
		Default("20").IntVar(&o.demo.Mesh.Workloads)
	app.Flag("seed", "What all that is random is made from.").
		Default("1").Int64Var(&o.demo.Mesh.Seed)
	app.Flag("fault", "A fault from the start, repeatable: "+mesh.FaultSyntax+". For example errors:bookinfo/reviews-v2->bookinfo/ratings-v1=0.5").
		SetValue((*faults)(&o.demo.Mesh.Faults))
	app.Flag("history", "How much of the past is simulated at the start.").
		Default("10m").DurationVar(&o.demo.History)
	app.Flag("log.level", "Least severe level that is logged.").
		Default("info").EnumVar(&o.logLevel, logging.Levels...)
	app.Flag("log.format", "Form of the log's lines.").
		Default("logfmt").EnumVar(&o.logFormat, logging.Formats...)

	_, err := app.Parse(arguments)
	if ended {
		return options{}, errHelp
	}
	o.demo.Mesh.Churn = true
	if o.noPrometheus {
		o.noExporter, o.demo.PrometheusAddress = true, ""
	}
	return o, err
}
