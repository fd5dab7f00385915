{
  _config+:: {
    // What selects the exporter's series about itself, and its targets.
    exporterSelector: 'job="meshscope"',

    // Matchers on the labels of edges, for what alerts and their rules look at: a load test is left out by
    // 'source_workload_namespace!="load-test"'. The rollup rules take all edges, for the data source must show them.
    edgeSelector: '',

    // The same for the labels of workloads: 'workload_namespace!="load-test"'.
    workloadSelector: '',

    // Whether one store holds the exporters of several clusters, and which label of a target tells these apart. Edges
    // need no such label: source_cluster and destination_cluster are in every series of theirs.
    showMultiCluster: false,
    clusterLabel: 'cluster',

    // Where an alert's runbook is; %s is the alert's name in lower case.
    runbookURLPattern: 'https://github.com/meshscope/meshscope/blob/main/docs/runbooks.md#%s',

    // Where the dashboard is, such as 'https://grafana.example.com/d/meshscope-overview'. Without it alerts have no
    // dashboard_url. It may hold templates, as annotations do.
    dashboardURL: '',

    // The window over which the rules of edges count, and how often they are evaluated. A window is four scrapes of the
    // exporter or more, and four times its latency.interval.
    window: '5m',
    interval: '1m',

    // A workload that fails its callers, and that nothing it calls explains. The exporter says which, by health.min_requests,
    // health.for and its tolerances. Its 'for' must be less than those of what it inhibits: edgeFailing and
    // workloadAffected.
    workloadFailing: { 'for': '1m', severity: 'critical' },

    // A workload that fails because of another.
    workloadAffected: { 'for': '2m', severity: 'warning' },

    // A workload that others call, and that has fewer pods than it wants.
    workloadReplicasMissing: { 'for': '15m', severity: 'warning' },

    // An object of Istio or of the Gateway API that its controller does not take, or not as it is meant.
    objectRejected: {
      // The conditions that have to hold, and those that must not: regular expressions.
      good: 'Accepted|Programmed|ResolvedRefs|PassedValidation|WaypointAccepted|ZtunnelAccepted|istio.io/WaypointBound',
      bad: 'Conflicted|OverlappingTLSConfig|PartiallyInvalid|UnsupportedValue',
      // The codes of validation that are alerted on, such as IST0101.
      codes: 'IST[0-9]+',
      'for': '10m',
      severity: 'warning',
    },

    // An edge whose calls fail: one alert of two severities.
    edgeFailing: {
      // With fewer requests in the window an edge is not judged: of 3, one failure is a third.
      minRequests: 20,
      // The share of failed calls from 0 to 1 above which it is one or the other.
      warning: { ratio: 0.05, 'for': '5m' },
      critical: { ratio: 0.25, 'for': '2m' },
      // The response codes that are failures, for any protocol: 5xx and no response. '[45]..|0|-' adds 4xx, which is
      // what the data source and the dashboard call errors as well.
      responseCodes: '5..|0|-',
      // gRPC statuses that are none, beside 0 (OK): ['5'] leaves out NOT_FOUND.
      ignoredGRPCStatuses: [],
    },

    // An edge that takes longer than it used to.
    edgeSlow: {
      // How many times longer the 95th percentile is than before.
      factor: 2,
      // Seconds below which nothing is slow.
      floor: 0.25,
      // With fewer requests in the window there is no percentile.
      minRequests: 20,
      // "Before" is the median over baselineWindow, offset ago: at that time of yesterday. Where it is not known, it is
      // newOffset ago.
      offset: '1d',
      newOffset: '1h',
      baselineWindow: '1h',
      'for': '15m',
      severity: 'warning',
    },

    // An edge that was mutual TLS, and is not any more.
    edgePlaintext: {
      // The share from 0 to 1 that counts as mutual TLS.
      ratio: 0.99,
      // Calls, or connections, in plain text within the window.
      minCalls: 5,
      // How long it is remembered that the edge was mutual TLS, which is as long as the alert can last.
      past: '1d',
      'for': '5m',
      severity: 'warning',
    },

    // An app that calls a service which it never called before.
    newDependency: {
      // How long it is new, and so how long the alert lasts.
      newFor: '1h',
      // How long a mesh must be known before anything in it is new. Not less than newFor.
      meshAge: '6h',
      // How long a dependency is remembered that has no traffic, and how often those that have are written down. The
      // latter must be less than the exporter's limits.idle_ttl, or what comes and goes is missed.
      memory: '7d',
      interval: '30m',
      'for': '1m',
      severity: 'info',
    },

    // A store that does not answer, refreshes that fail for another reason.
    storeNotAnswering: { 'for': '5m', severity: 'warning' },
    refreshFailing: { 'for': '5m', severity: 'warning' },

    // A map that is old. The default is limits.stale_after, after which the exporter publishes none.
    stale: { maxAge: '5m', 'for': '2m', severity: 'critical' },

    // No exporter at all, one of them that cannot be scraped.
    absent: { 'for': '10m', severity: 'critical' },
    targetDown: { 'for': '5m', severity: 'warning' },

    // Replicas of the exporter of which none publishes the map, or more than one does.
    noLeader: { 'for': '2m', severity: 'critical' },
    severalLeaders: { 'for': '5m', severity: 'warning' },

    // Objects of a cluster that cannot be read.
    objectsUnreadable: { 'for': '15m', severity: 'warning' },

    // A map from which a limit cuts edges.
    edgesDropped: { window: '15m', 'for': '15m', severity: 'warning' },

    // A configuration that was not taken.
    configReloadFailed: { 'for': '5m', severity: 'warning' },
  },
}
