// All dashboards, by the name of their file.
{
  'mesh-overview.json': import 'mesh-overview.libsonnet',
}
