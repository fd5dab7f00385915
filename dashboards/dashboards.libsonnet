// All dashboards, by the name of their file.
{
  'mesh-overview.json': import 'mesh-overview.libsonnet',
  'namespace.json': import 'namespace.libsonnet',
  'workload.json': import 'workload.libsonnet',
  'edge.json': import 'edge.libsonnet',
  'security.json': import 'security.libsonnet',
  'changes.json': import 'changes.libsonnet',
  'exporter.json': import 'exporter.libsonnet',
}
