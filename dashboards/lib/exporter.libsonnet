// The exporters that the variables job and instance select, as they tell of themselves.
local promql = import 'promql.libsonnet';

local selected = ['job=~"$job"', 'instance=~"$instance"'];
local target = ['job', 'instance'];
local on = 'on (%s)' % std.join(', ', target);
local now = '$__rate_interval', range = '$__range';

local gauge(metric, matchers=[]) = promql.selector(metric, selected + matchers);
local rate(metric, matchers=[], over=now) = promql.rate(metric, selected + matchers, over);
local increase(metric, matchers=[]) = 'increase(%s[%s])' % [gauge(metric, matchers), range];

// Names that all programs have, and that Prometheus gives to all targets, of exporters alone.
local ofExporters(vector) = vector + '\nand ' + on + ' ' + gauge('meshscope_leader');
// Of one that cannot be scraped now, that it is an exporter is known from before.
local ofTargets(vector) = vector + '\nand ' + on + ' last_over_time(%s[%s])' % [gauge('meshscope_leader'), range];

local each(vector) = promql.aggregate('max', target, vector);

// Those that were given up because another failed, and those that are asked again in parts, are no failures.
local failed = ['outcome!~"success|canceled|too_large"'];

// nothing but zeros is one line, that of the sum
local lines(by, vector) = { sum: promql.sum([], vector), parts: promql.sum(by, vector) + '\n> 0' };

{
  // how many can be scraped
  up: promql.sum([], ofTargets(gauge('up'))),

  leaders: promql.sum([], gauge('meshscope_leader')),

  age: 'time() - max(%s)' % gauge('meshscope_refresh_timestamp_seconds'),

  // 0 if it failed for one
  succeeded: promql.aggregate('min', [], gauge('meshscope_refresh_success')),

  edges: promql.aggregate('max', [], promql.selector('meshscope_edges')),

  // how often within the range there was no room for an edge, or for another series
  cut: promql.sum([], promql.union([increase('meshscope_edges_dropped_total'), increase('meshscope_gauges_dropped_total')])),

  failedShare: promql.ratio(
    promql.sum([], promql.union([rate('meshscope_promql_queries_total', failed, range), '0 * ' + rate('meshscope_promql_queries_total', [], range)])),
    promql.sum([], rate('meshscope_promql_queries_total', [], range)),
  ),

  // seconds of traffic that nobody counts, in each second
  skipped: promql.sum([], rate('meshscope_refresh_skipped_seconds_total')),

  // each exporter
  targets: {
    up: each(ofTargets(gauge('up'))),
    version: promql.aggregate('max', target + ['version'], gauge('meshscope_build_info')),
    leader: each(gauge('meshscope_leader')),
    refreshed: each(gauge('meshscope_refresh_success')),
    configured: each(gauge('meshscope_config_last_reload_successful')),
    // in milliseconds, as Grafana has times
    loaded: '1000 * ' + each(gauge('meshscope_config_last_reload_success_timestamp_seconds')),
    started: '1000 * ' + each(ofExporters(gauge('process_start_time_seconds'))),
  },

  // the mean of each stage, in seconds
  stages: promql.ratio(
    promql.sum(['stage'], rate('meshscope_refresh_duration_seconds_sum')),
    promql.sum(['stage'], rate('meshscope_refresh_duration_seconds_count')),
  ),

  slowest(q): promql.quantile(q, promql.sum(['stage', 'le'], rate('meshscope_refresh_duration_seconds_bucket'))),

  outcomes: promql.sum(['outcome'], rate('meshscope_promql_queries_total') + ' > 0'),

  failures: lines(['query', 'outcome'], promql.union([
    rate('meshscope_promql_queries_total', failed),
    '0 * ' + rate('meshscope_promql_queries_total'),
  ])),

  // the mean of those queries that take longest, in seconds
  queries: 'topk(5, %s)' % promql.ratio(
    promql.sum(['query'], rate('meshscope_promql_query_duration_seconds_sum')),
    promql.sum(['query'], rate('meshscope_promql_query_duration_seconds_count')),
  ),

  samples: promql.sum(['metric'], rate('meshscope_samples_total')),
  rejected: lines(['reason'], rate('meshscope_samples_rejected_total')),
  folded: promql.sum(['reason'], rate('meshscope_samples_folded_total')),
  edgesDropped: promql.sum(['reason'], rate('meshscope_edges_dropped_total')),
  gaugesDropped: promql.sum([], rate('meshscope_gauges_dropped_total')),

  // 1 for what can be read from a cluster; of several exporters the one that reads least
  resources: promql.aggregate('min', ['kubernetes_cluster', 'resource'], gauge('meshscope_kubernetes_resource_up')),
  annotationProblems: promql.aggregate('max', [], gauge('meshscope_health_annotation_problems')),

  // of each exporter
  scraped: each(ofTargets(gauge('scrape_samples_scraped'))),
  scrapeDuration: each(ofTargets(gauge('scrape_duration_seconds'))),
  cpu: each(ofExporters(rate('process_cpu_seconds_total'))),
  memory: each(ofExporters(gauge('process_resident_memory_bytes'))),
  heap: each(ofExporters(gauge('go_memstats_heap_inuse_bytes'))),
  goroutines: each(ofExporters(gauge('go_goroutines'))),
  files: each(ofExporters(gauge('process_open_fds'))),
}
