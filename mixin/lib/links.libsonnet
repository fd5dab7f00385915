// Adds to every alert where its runbook is, and where the dashboard is if that is known.
local link(config, rule) =
  rule {
    annotations+: {
      runbook_url: config.runbookURLPattern % std.asciiLower(rule.alert),
    } + (
      if config.dashboardURL == '' then {} else { dashboard_url: config.dashboardURL }
    ),
  };

{
  prometheusAlerts+:: {
    groups: [
      group { rules: [link($._config, rule) for rule in group.rules] }
      for group in super.groups
    ],
  },
}
