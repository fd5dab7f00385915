// A dashboard, in the form that Grafana 11.1 and later import.
local links = import 'links.libsonnet';

function(uid, title, description, variables, panels, top=links.top(uid)) {
  uid: uid,
  title: title,
  description: description,
  tags: ['meshscope', 'istio', 'service mesh'],
  schemaVersion: 39,
  editable: false,
  graphTooltip: 1,  // one crosshair in all panels
  time: { from: 'now-15m', to: 'now' },
  refresh: '30s',
  timezone: '',
  timepicker: {},
  annotations: { list: [] },
  links: top,
  templating: { list: variables },
  panels: panels,
}
