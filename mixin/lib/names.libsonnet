// How annotations name the ends of an edge, as templates of its labels. In mixins a summary is a fixed sentence. Ours
// name source, destination and namespaces, because a summary is all that a chat, a pager or a webhook shows as a rule,
// and "an edge fails" sends everybody to look which.
{
  local name(workload, namespace) = '%s (namespace %s)' % [workload, namespace],

  source: name('{{ $labels.source_workload }}', '{{ $labels.source_workload_namespace }}'),

  // Where calls reached no workload, it is the service.
  destination:
    '{{ if eq $labels.destination_workload "unknown" }}' +
    name('service {{ $labels.destination_service_name }}', '{{ $labels.destination_service_namespace }}') +
    '{{ else }}' +
    name('{{ $labels.destination_workload }}', '{{ $labels.destination_workload_namespace }}') +
    '{{ end }}',

  // What the names alone do not tell.
  details:
    'Called as {{ $labels.destination_service_name }}, ' +
    'from cluster {{ $labels.source_cluster }} in cluster {{ $labels.destination_cluster }}.',

  workload: name('{{ $labels.workload_name }}', '{{ $labels.workload_namespace }}'),
  origin: name('{{ $labels.origin_name }}', '{{ $labels.origin_namespace }}'),

  // Where the edge's fault is, if that is known.
  because: '{{ if $labels.origin_name }} It is the fault of %s.{{ end }}' %
           name('{{ $labels.origin_name }}', '{{ $labels.origin_namespace }}'),

  app: name('{{ $labels.source_canonical_service }}', '{{ $labels.source_workload_namespace }}'),
  service: name('{{ $labels.destination_service_name }}', '{{ $labels.destination_service_namespace }}'),
}
