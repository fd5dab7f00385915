package main

import (
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"

	"github.com/meshscope/meshscope/exporter/app"
	"github.com/meshscope/meshscope/exporter/logging"
	"github.com/meshscope/meshscope/exporter/web"
)

// The commands.
const (
	commandRun   = "run"
	commandGraph = "graph"
	commandCheck = "check-config"
)

// flags are the command line.
type flags struct {
	command   string
	source    app.Source
	logLevel  string
	logFormat string

	// of run
	listenAddresses []string
	webConfigFile   string
	enableLifecycle bool

	// of graph: its flags by name, each with its values
	graph url.Values

	// of check-config: the file
	checked string
}

// parseFlags reads the command line. When done is true there is nothing left to do, and the exit status is status.
func parseFlags(args []string, stdout, stderr io.Writer) (f flags, status int, done bool) {
	cli := kingpin.New("meshscope", "Topology and health of an Istio mesh, from its metrics, as Prometheus series.")
	cli.UsageWriter(stdout).ErrorWriter(stderr)
	cli.Terminate(func(code int) { status, done = code, true })
	cli.HelpFlag.Short('h')
	cli.Version(version.Print("meshscope"))
	addCommonFlags(cli, &f)
	addRunFlags(cli.Command(commandRun, "Refresh and serve, until it is told to end.").Default(), &f)
	addGraphFlags(cli.Command(commandGraph, "Derive one graph and print it."), &f)
	cli.Command(commandCheck, "Say whether a configuration file is valid, and what is wrong with it.").
		Arg("file", "The configuration file.").Required().StringVar(&f.checked)

	command, err := cli.Parse(args)
	if done { // by --help or --version
		return f, status, true
	}
	if err != nil {
		fmt.Fprintf(stderr, "meshscope: %v, try --help\n", err)
		return f, exitUsage, true
	}
	f.command = command
	if !f.graph.Has("output") {
		f.graph.Set("output", "table") // a terminal is not the API
	}
	return f, exitOK, false
}

func addCommonFlags(cli *kingpin.Application, f *flags) {
	cli.Flag("config.file", "The configuration file. Without it, the defaults are in force.").
		StringVar(&f.source.File)
	cli.Flag("prometheus.url", "The Prometheus-compatible store that has Istio's metrics. Replaces prometheus.url in the file.").
		StringVar(&f.source.PrometheusURL)
	cli.Flag("log.level", "The least level that is logged: "+strings.Join(logging.Levels, ", ")+".").
		Default("info").EnumVar(&f.logLevel, logging.Levels...)
	cli.Flag("log.format", "The form of the log: "+strings.Join(logging.Formats, ", ")+".").
		Default("logfmt").EnumVar(&f.logFormat, logging.Formats...)
}

func addRunFlags(cmd *kingpin.CmdClause, f *flags) {
	cmd.Flag("web.listen-address", "The address to serve HTTP on. Can be repeated.").
		Default(web.DefaultListenAddress).StringsVar(&f.listenAddresses)
	cmd.Flag("web.config.file", "A file that switches on TLS or authentication, in the form of Prometheus's exporter-toolkit.").
		StringVar(&f.webConfigFile)
	cmd.Flag("web.enable-lifecycle", "Permit a reload of the configuration by POST /-/reload.").
		BoolVar(&f.enableLifecycle)
}

// addGraphFlags adds the flags of graph, which are the parameters of the graph API.
func addGraphFlags(cmd *kingpin.CmdClause, f *flags) {
	f.graph = make(url.Values)
	add := func(name, help string) *kingpin.FlagClause {
		flag := cmd.Flag(name, help)
		flag.SetValue(parameter{f.graph, name})
		return flag
	}
	add("level", "What a node is: workload, app, versionedApp, service, namespace or cluster. Default: workload.")
	add("namespace", "A namespace, or a glob on namespaces. Can be repeated. Default: all.")
	add("cluster", "A cluster, or a glob on clusters. Can be repeated. Default: all.")
	add("protocol", "A protocol: http, grpc or tcp. Can be repeated. Default: all.")
	for _, flag := range []struct{ name, help string }{
		{"service-nodes", "Put the service between a caller and the workload or app that it reached."},
		{"idle", "Keep edges without traffic."},
		{"waypoints", "Show the hops through waypoints, instead of folding them into the calls."},
	} {
		cmd.Flag(flag.name, flag.help).SetValue(booleanParameter{parameter{f.graph, flag.name}})
	}
	add("time", "The end of the window: Unix seconds or RFC 3339. Default: now.")
	add("window", "The time that the graph is about. Default: 10m.")
	add("output", "The form of the graph: "+strings.Join(web.Outputs, ", ")+". Default: table.")
	add("focus", "What is around a node: [kind:][[cluster/]namespace/]name. Default: all.")
	add("depth", "How many calls away from the focus. Default: 1.")
	add("direction", "From the focus to its callers (in), to what it calls (out), or both. Default: both.")
	add("filter", "An expression on nodes and edges, such as 'edge.errorRatio > 0.01'. Default: all.")
	add("limit", "The greatest number of nodes: the unhealthy and the busiest. Default: no limit.")
}

// A parameter is a flag that collects its values under a name.
type parameter struct {
	all  url.Values
	name string
}

// Set adds a value.
func (p parameter) Set(value string) error {
	p.all.Add(p.name, value)
	return nil
}

// String returns nothing: there is no default to show.
func (p parameter) String() string { return "" }

// IsCumulative tells kingpin that the flag can be repeated. Where it cannot, web.ParseQuestion says so.
func (p parameter) IsCumulative() bool { return true }

// A booleanParameter is a flag that needs no value.
type booleanParameter struct{ parameter }

// IsBoolFlag tells kingpin that it is true where nothing else is said.
func (p booleanParameter) IsBoolFlag() bool { return true }
