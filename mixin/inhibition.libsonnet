// What Alertmanager is to keep back. It cannot include files: these go under inhibit_rules of its own configuration.
local labels = import 'lib/labels.libsonnet';

{
  alertmanagerConfig+:: {
    inhibit_rules+: [
      {
        // While the origin's alert fires, what follows from it is not sent: that callers of it and of those whom it affects
        // see errors, and that these fail. What is the fault of another, or of nobody known, has other labels and is sent.
        source_matchers: ['alertname="MeshscopeWorkloadFailing"'],
        target_matchers: ['alertname=~"MeshscopeEdgeFailing|MeshscopeWorkloadAffected"', 'origin_name!=""'],
        equal: std.flattenArrays(labels.origin),
      },
      {
        // What is critical is not a warning too.
        source_matchers: ['alertname="MeshscopeEdgeFailing"', 'severity="critical"'],
        target_matchers: ['alertname="MeshscopeEdgeFailing"', 'severity="warning"'],
        equal: std.flattenArrays(labels.workloadEdge),
      },
    ],
  },
}
