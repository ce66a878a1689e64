{{/* What things are called, and what they are told apart by. */}}

{{- define "alma.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "alma.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "alma.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "alma.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "alma.selector" -}}
app.kubernetes.io/name: {{ include "alma.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* dict: root, component */}}
{{- define "alma.labels" -}}
{{ include "alma.selector" . }}
app.kubernetes.io/part-of: alma
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "alma.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "alma.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "alma.fullname" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end -}}

{{- define "alma.operatorAccount" -}}
{{- printf "%s-operator" (include "alma.fullname" .) -}}
{{- end -}}

{{/* "yes" where several processes share a PostgreSQL. */}}
{{- define "alma.shared" -}}
{{- if eq .Values.database.kind "postgresql" -}}yes{{- end -}}
{{- end -}}

{{/* "yes" where workers run beside the servers. */}}
{{- define "alma.workers" -}}
{{- if and (include "alma.shared" .) .Values.worker.enabled -}}yes{{- end -}}
{{- end -}}

{{/* What answers only who asks for metrics and health, separated by spaces. */}}
{{- define "alma.quiet" -}}
{{- if include "alma.workers" . }}worker {{ end }}{{ if .Values.operator.enabled }}operator{{ end -}}
{{- end -}}

{{/* The newest version of an API that the cluster serves. dict: root, kind, versions (newest first) */}}
{{- define "alma.api" -}}
{{- $found := "" -}}
{{- range .versions -}}
{{- if and (not $found) ($.root.Capabilities.APIVersions.Has (printf "%s/%s" . $.kind)) -}}{{- $found = . -}}{{- end -}}
{{- end -}}
{{- $found | default (first .versions) -}}
{{- end -}}

{{/* The names under which people and other pods ask. */}}
{{- define "alma.hosts" -}}
{{- $name := include "alma.fullname" . -}}
{{- $hosts := list $name (printf "%s.%s" $name .Release.Namespace) (printf "%s.%s.svc" $name .Release.Namespace) (printf "%s.%s.svc.cluster.local" $name .Release.Namespace) -}}
{{- if .Values.ingress.enabled -}}{{- $hosts = concat $hosts .Values.ingress.hosts -}}{{- end -}}
{{- with .Values.publicUrl -}}{{- $hosts = append $hosts (urlParse . | dig "hostname" "") -}}{{- end -}}
{{- concat $hosts .Values.trustedHosts | uniq | join "," -}}
{{- end -}}

{{/* Seconds from being told to end until being killed: those for steps or for proxies, and some for closing. */}}
{{- define "alma.grace.api" -}}
{{- $busy := ternary 0 (int .Values.drainSeconds) (eq (include "alma.workers" .) "yes") -}}
{{- add (max $busy (int .Values.api.shutdownDelaySeconds)) 20 -}}
{{- end -}}

{{- define "alma.grace.worker" -}}
{{- add (int .Values.drainSeconds) 20 -}}
{{- end -}}
