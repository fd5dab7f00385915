{
  // An object of dashboards by file name. The import is not looked at before someone asks for dashboards, so that rules
  // and alerts can be had from this folder alone.
  grafanaDashboards+:: import '../dashboards/dashboards.libsonnet',
}
