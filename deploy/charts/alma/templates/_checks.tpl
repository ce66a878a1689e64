{{/* What can't work is refused before anything is made, with what to do about it. */}}

{{- define "alma.checks" -}}
{{- $values := .Values -}}
{{- if eq $values.database.kind "sqlite" -}}
  {{- if gt (int $values.api.replicas) 1 -}}
    {{- fail (printf "\n\napi.replicas is %d, but database.kind is sqlite: a file that one process owns.\nSet api.replicas to 1, or database.kind to postgresql and put ALMA_DATABASE_URL into the Secret that existingSecret names." (int $values.api.replicas)) -}}
  {{- end -}}
  {{- if $values.api.autoscaling.enabled -}}
    {{- fail "\n\napi.autoscaling.enabled makes several servers, but database.kind is sqlite: a file that one process owns.\nSet database.kind to postgresql, or leave autoscaling off." -}}
  {{- end -}}
  {{- if $values.operator.enabled -}}
    {{- fail "\n\noperator.enabled makes a second process, but database.kind is sqlite: a file that one process owns.\nSet database.kind to postgresql." -}}
  {{- end -}}
{{- else if not (or $values.database.existingSecret $values.existingSecret) -}}
  {{- fail "\n\nno Secret is named that has the database's URL.\nSet existingSecret (or database.existingSecret) to a Secret with the key ALMA_DATABASE_URL, or database.kind to sqlite for one process." -}}
{{- else if not (or $values.secretKey.existingSecret $values.existingSecret) -}}
  {{- fail "\n\nno Secret is named that has the master key, which all processes share.\nSet existingSecret to a Secret with the key ALMA_SECRET_KEY, or secretKey.existingSecret to one with the key as a file." -}}
{{- end -}}
{{- range $name := list "ALMA_HOME" "ALMA_API_HOST" "ALMA_API_PORT" "ALMA_WORKER" "ALMA_WORKER_PARALLEL" "ALMA_EXECUTOR_ID" "ALMA_DRAIN_SECONDS" "ALMA_SHUTDOWN_DELAY" "ALMA_DEFAULT_ENGINE" "ALMA_PUBLIC_URL" "ALMA_TRUSTED_HOSTS" "ALMA_TRUSTED_PROXIES" "ALMA_METRICS_OPEN" -}}
  {{- if hasKey $values.settings $name -}}
    {{- fail (printf "\n\nsettings.%s is set by the chart itself: README.md says by which value." $name) -}}
  {{- end -}}
{{- end -}}
{{- range $name, $_ := $values.settings -}}
  {{- if regexMatch "(_PASSWORD|_SECRET|_SECRET_KEY|_TOKEN|_API_KEYS?|_DATABASE_URL|_REDIS_URL)$" $name -}}
    {{- fail (printf "\n\nsettings.%s would show a secret to whoever may read a Deployment.\nPut it into the Secret that existingSecret names." $name) -}}
  {{- end -}}
{{- end -}}
{{- if and $values.config.files $values.config.existingConfigMap -}}
  {{- fail "\n\nconfig.files and config.existingConfigMap are both set: one folder can't be two." -}}
{{- end -}}
{{- if and $values.ingress.enabled (not $values.ingress.hosts) -}}
  {{- fail "\n\ningress.enabled needs ingress.hosts: ALMA answers to names it knows, and to no other." -}}
{{- end -}}
{{- with $values.api.autoscaling -}}
  {{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) -}}
    {{- fail (printf "\n\napi.autoscaling.minReplicas is %d, more than maxReplicas, %d." (int .minReplicas) (int .maxReplicas)) -}}
  {{- end -}}
{{- end -}}
{{- with $values.metrics -}}
  {{- if and .serviceMonitor.enabled (not .open) (not .serviceMonitor.existingSecret) -}}
    {{- fail "\n\nmetrics.serviceMonitor.enabled: /metrics of the API takes a key.\nSet metrics.serviceMonitor.existingSecret to a Secret with one that has the permission metrics:read, or metrics.open to true." -}}
  {{- end -}}
{{- end -}}
{{- include "alma.checks.secret" . -}}
{{- end -}}

{{/* Only where a cluster is asked: `helm template` has none, and says nothing about its Secrets. */}}
{{- define "alma.checks.secret" -}}
{{- $name := .Values.existingSecret -}}
{{- if and $name (lookup "v1" "Namespace" "" .Release.Namespace) -}}
  {{- $secret := lookup "v1" "Secret" .Release.Namespace $name -}}
  {{- if not $secret -}}
    {{- fail (printf "\n\nthere is no Secret '%s' in the namespace %s. Make it first:\nkubectl --namespace %s create secret generic %s --from-literal=ALMA_DATABASE_URL=postgresql://… --from-literal=ALMA_SECRET_KEY=\"$(openssl rand -base64 32)\" --from-literal=ALMA_API_KEY=\"$(openssl rand -hex 32)\"" $name .Release.Namespace .Release.Namespace $name) -}}
  {{- end -}}
  {{- $keys := keys ($secret.data | default dict) -}}
  {{- $needed := list -}}
  {{- if and (include "alma.shared" .) (not .Values.database.existingSecret) -}}{{- $needed = append $needed .Values.database.key -}}{{- end -}}
  {{- if and (include "alma.shared" .) (not .Values.secretKey.existingSecret) -}}{{- $needed = append $needed "ALMA_SECRET_KEY" -}}{{- end -}}
  {{- range $needed -}}
    {{- if not (has . $keys) -}}
      {{- fail (printf "\n\nthe Secret '%s' has no key %s.\nREADME.md says what it has to hold." $name .) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- end -}}
