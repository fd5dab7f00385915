// Meshscope's monitoring mixin. To change something, add to _config:
//
//   (import 'github.com/meshscope/meshscope/mixin/mixin.libsonnet') + {
//     _config+:: { edgeFailing+: { minRequests: 100 } },
//   }
(import 'config.libsonnet') +
(import 'rules/rules.libsonnet') +
(import 'alerts/alerts.libsonnet') +
(import 'inhibition.libsonnet') +
(import 'dashboards.libsonnet')
