(import 'rollup.libsonnet') +
(import 'edges.libsonnet') +
(import 'faults.libsonnet') +
(import 'dependencies.libsonnet')
