(import 'edges.libsonnet') +
(import 'dependencies.libsonnet') +
(import 'exporter.libsonnet') +
(import '../lib/links.libsonnet')
