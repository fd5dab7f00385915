(import 'rollup.libsonnet') +
(import 'edges.libsonnet') +
(import 'dependencies.libsonnet')
