local duration = import '../lib/duration.libsonnet';
local promql = import '../lib/promql.libsonnet';

{
  local config = $._config,
  local select(metric, matchers=[]) = promql.select(metric, [config.exporterSelector] + matchers),
  local ofCluster = if config.showMultiCluster then [config.clusterLabel] else [],
  local target = std.join(', ', ofCluster + ['job', 'instance']),
  local exporters = std.join(', ', ofCluster + ['job']),
  local where = (if config.showMultiCluster then 'In cluster {{ $labels.%s }}, ' % config.clusterLabel else '') +
                '{{ $labels.instance }}: ',

  local ofThem = if config.showMultiCluster then ' in cluster {{ $labels.%s }}' % config.clusterLabel else '',

  // Failed queries by the way in which they failed. Those that were given up because another failed, and those that are
  // asked again in parts, are no failures of the store.
  local failedQueries = |||
    sum by (%s, outcome) (
      increase(%s[5m])
    ) > 0
  ||| % [target, select('meshscope_promql_queries_total', ['outcome!~"success|canceled|too_large"'])],

  prometheusAlerts+:: {
    groups+: [{
      name: 'meshscope-exporter',
      rules: [
        {
          alert: 'MeshscopeStoreNotAnswering',
          expr: failedQueries + |||
            and on (%s)
            %s == 0
          ||| % [target, select('meshscope_refresh_success')],
          'for': config.storeNotAnswering['for'],
          labels: { severity: config.storeNotAnswering.severity },
          annotations: {
            summary: 'The store does not answer the queries of Meshscope.',
            description:
              where +
              '{{ $value | humanize }} queries of the last 5m ended as "{{ $labels.outcome }}", and refreshes fail. ' +
              'What is not counted now is made up for later, up to refresh.catch_up.',
          },
        },
        {
          alert: 'MeshscopeRefreshFailing',
          // For a reason that is not the store's.
          expr: |||
            %s == 0
            unless on (%s)
          ||| % [select('meshscope_refresh_success'), target] + failedQueries,
          'for': config.refreshFailing['for'],
          labels: { severity: config.refreshFailing.severity },
          annotations: {
            summary: 'Meshscope cannot refresh the map of the mesh.',
            description: where + 'refreshes fail although the store answers. The log tells why.',
          },
        },
        {
          alert: 'MeshscopeStale',
          // The newest of the replicas counts. Before a first refresh the timestamp is 0, which is old as well.
          expr: |||
            time() - max by (%s) (%s) > %d
          ||| % [exporters, select('meshscope_refresh_timestamp_seconds'), duration.seconds(config.stale.maxAge)],
          'for': config.stale['for'],
          labels: { severity: config.stale.severity },
          annotations: {
            summary: 'The map of the mesh is out of date.',
            description:
              '{{ if gt $value 1e9 }}{{ $labels.job }} has not counted the mesh since its start' +
              '{{ else }}{{ $labels.job }} counted the mesh {{ $value | humanizeDuration }} ago for the last time' +
              '{{ end }}%s. Alerts on edges see nothing, or what was then.' %
              (if config.showMultiCluster then ', in cluster {{ $labels.%s }}' % config.clusterLabel else ''),
          },
        },
        {
          alert: 'MeshscopeAbsent',
          // Not by "up", which is 1 for whatever answers on that port.
          expr: 'absent(%s)' % select('meshscope_refresh_timestamp_seconds'),
          'for': config.absent['for'],
          labels: { severity: config.absent.severity },
          annotations: {
            summary: 'There is no Meshscope exporter.',
            description: 'No target that is selected by %s serves the series of Meshscope. Nothing alerts on edges.'
                         % std.strReplace(config.exporterSelector, '"', "'"),
          },
        },
        {
          alert: 'MeshscopeNoLeader',
          expr: 'sum by (%s) (%s) == 0' % [exporters, select('meshscope_leader')],
          'for': config.noLeader['for'],
          labels: { severity: config.noLeader.severity },
          annotations: {
            summary: 'No Meshscope exporter publishes the map of the mesh.',
            description: 'All exporters of {{ $labels.job }}%s stand by, and none is the leader. Nothing alerts on edges.' % ofThem,
          },
        },
        {
          alert: 'MeshscopeSeveralLeaders',
          expr: 'sum by (%s) (%s) > 1' % [exporters, select('meshscope_leader')],
          'for': config.severalLeaders['for'],
          labels: { severity: config.severalLeaders.severity },
          annotations: {
            summary: 'More than one Meshscope exporter publishes the map of the mesh.',
            description:
              '{{ $value }} exporters of {{ $labels.job }}%s publish it, so that sums over them count each call as often.' % ofThem,
          },
        },
        {
          alert: 'MeshscopeObjectsUnreadable',
          expr: |||
            min by (%s, kubernetes_cluster, resource) (%s) == 0
          ||| % [target, select('meshscope_kubernetes_resource_up')],
          'for': config.objectsUnreadable['for'],
          labels: { severity: config.objectsUnreadable.severity },
          annotations: {
            summary: 'Meshscope cannot read objects of a cluster.',
            description: where + '{{ $labels.resource }} of cluster {{ $labels.kubernetes_cluster }} cannot be read. The log tells why.',
          },
        },
        {
          alert: 'MeshscopeTargetDown',
          expr: select('up') + ' == 0',
          'for': config.targetDown['for'],
          labels: { severity: config.targetDown.severity },
          annotations: {
            summary: 'A Meshscope exporter cannot be scraped.',
            description: where + 'scrapes have failed for %s.' % config.targetDown['for'],
          },
        },
        {
          alert: 'MeshscopeEdgesDropped',
          expr: |||
            sum by (%s, reason) (increase(%s[%s])) > 0
          ||| % [target, select('meshscope_edges_dropped_total'), config.edgesDropped.window],
          'for': config.edgesDropped['for'],
          labels: { severity: config.edgesDropped.severity },
          annotations: {
            summary: 'A limit cuts edges from the map of the mesh.',
            description:
              where +
              ('{{ $value | humanize }} times in the last %s an edge with traffic was not published, ' +
               'by "{{ $labels.reason }}".') % config.edgesDropped.window,
          },
        },
        {
          alert: 'MeshscopeConfigReloadFailed',
          expr: select('meshscope_config_last_reload_successful') + ' == 0',
          'for': config.configReloadFailed['for'],
          labels: { severity: config.configReloadFailed.severity },
          annotations: {
            summary: 'The configuration of Meshscope was not reloaded.',
            description: where + 'the file has errors, and the configuration before it is in force.',
          },
        },
      ],
    }],
  },
}
