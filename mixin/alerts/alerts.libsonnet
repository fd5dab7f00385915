(import 'edges.libsonnet') +
(import 'dependencies.libsonnet') +
(import 'objects.libsonnet') +
(import 'exporter.libsonnet') +
(import '../lib/links.libsonnet')
