{{/* The exporter's configuration file. */}}
{{- define "meshscope.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- if include "meshscope.elects" . -}}
{{- if not $config.leader_election.name -}}
{{- $_ := set $config.leader_election "name" (include "meshscope.fullname" .) -}}
{{- end -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{/* Whether replicas elect a leader: "true" or nothing. */}}
{{- define "meshscope.elects" -}}
{{- if dig "leader_election" "enabled" false .Values.config -}}true{{- end -}}
{{- end -}}

{{/* Whether objects of this cluster are read: "true" or nothing. */}}
{{- define "meshscope.reads" -}}
{{- $here := false -}}
{{- range dig "kubernetes" "clusters" list .Values.config -}}
{{- if not (or .kubeconfig .manifests) -}}{{- $here = true -}}{{- end -}}
{{- end -}}
{{- if $here -}}true{{- end -}}
{{- end -}}

{{/* Whether the lease is in this cluster, which it is where home is: "true" or nothing. */}}
{{- define "meshscope.leases" -}}
{{- $home := dig "kubernetes" "clusters" list .Values.config | first | default dict -}}
{{- if and (include "meshscope.elects" .) (not $home.kubeconfig) -}}true{{- end -}}
{{- end -}}

{{/* Whether an API server is asked, this cluster's or another: "true" or nothing. */}}
{{- define "meshscope.asks" -}}
{{- $asks := include "meshscope.elects" . -}}
{{- range dig "kubernetes" "clusters" list .Values.config -}}
{{- if not .manifests -}}{{- $asks = "true" -}}{{- end -}}
{{- end -}}
{{- $asks -}}
{{- end -}}

{{/* The port of the store. */}}
{{- define "meshscope.storePort" -}}
{{- $url := urlParse .Values.config.prometheus.url -}}
{{- regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (eq $url.scheme "https" | ternary "443" "80") -}}
{{- end -}}
