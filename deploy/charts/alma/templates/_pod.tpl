{{/* What all pods of ALMA's have in common. */}}

{{/* One variable from a Secret. dict: variable, secret, key */}}
{{- define "alma.fromSecret" -}}
- name: {{ .variable }}
  valueFrom: {secretKeyRef: {name: {{ .secret }}, key: {{ .key }}}}
{{- end -}}

{{/* dict: root, and `own`: a map of what this kind of process has for itself */}}
{{- define "alma.env" -}}
{{- $values := .root.Values -}}
{{- $plain := dict
      "HOME" "/var/lib/alma"
      "ALMA_HOME" "/var/lib/alma"
      "ALMA_DEFAULT_ENGINE" $values.defaultEngine
      "ALMA_TRUSTED_HOSTS" (include "alma.hosts" .root)
      "ALMA_METRICS_OPEN" (toString $values.metrics.open) -}}
{{- with $values.publicUrl }}{{- $_ := set $plain "ALMA_PUBLIC_URL" . -}}{{- end -}}
{{- with $values.trustedProxies }}{{- $_ := set $plain "ALMA_TRUSTED_PROXIES" (join "," .) -}}{{- end -}}
{{- with $values.engine.kubernetes }}{{- if and .enabled .namespace }}{{- $_ := set $plain "ALMA_KUBERNETES_NAMESPACE" .namespace -}}{{- end }}{{- end -}}
{{- with $values.secretKey.existingSecret }}{{- $_ := set $plain "ALMA_SECRET_KEY_COMMAND" (printf "cat /etc/alma/master/%s" $values.secretKey.key) -}}{{- end -}}
{{- range $name, $value := merge (dict) .own $plain $values.settings }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- if and (include "alma.shared" .root) (or $values.database.existingSecret (ne $values.database.key "ALMA_DATABASE_URL")) }}
{{ include "alma.fromSecret" (dict "variable" "ALMA_DATABASE_URL" "secret" ($values.database.existingSecret | default $values.existingSecret) "key" $values.database.key) }}
{{- end }}
{{- with $values.redis.existingSecret }}
{{ include "alma.fromSecret" (dict "variable" "ALMA_REDIS_URL" "secret" . "key" $values.redis.key) }}
{{- end }}
{{- with $values.apiKeys.existingSecret }}
{{ include "alma.fromSecret" (dict "variable" "ALMA_API_KEYS" "secret" . "key" $values.apiKeys.key) }}
{{- end }}
{{- with $values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "alma.envFrom" -}}
{{- with .Values.existingSecret }}
- secretRef: {name: {{ . }}}
{{- end }}
{{- with .Values.extraEnvFrom }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "alma.mounts" -}}
- {name: home, mountPath: /var/lib/alma}
- {name: tmp, mountPath: /tmp}
{{- if or .Values.config.files .Values.config.existingConfigMap }}
- {name: config, mountPath: /var/lib/alma/config, readOnly: true}
{{- end }}
{{- if .Values.secretKey.existingSecret }}
- {name: master, mountPath: /etc/alma/master, readOnly: true}
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* dict: root, claim: the volume that is kept, if any; configured: whether the files of settings are there yet */}}
{{- define "alma.volumes" -}}
{{- $values := .root.Values -}}
- name: home
{{- if .claim }}
  persistentVolumeClaim: {claimName: {{ .claim }}}
{{- else }}
  emptyDir: {sizeLimit: 1Gi}
{{- end }}
- name: tmp
  emptyDir: {sizeLimit: 1Gi}
{{- if or $values.config.files $values.config.existingConfigMap }}
- name: config
  configMap: {name: {{ $values.config.existingConfigMap | default (printf "%s-config" (include "alma.fullname" .root)) }}}
{{- end }}
{{- with $values.secretKey.existingSecret }}
- name: master
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{- end }}
{{- with $values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Labels and annotations of a pod's template. dict: root, component, own: its values */}}
{{- define "alma.podMetadata" -}}
labels:
  {{- include "alma.labels" . | nindent 2 }}
  {{- with .own.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  # Other files make other pods.
  alma.dev/config: {{ toJson .root.Values.config | sha256sum | trunc 16 | quote }}
  {{- with .own.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Where pods go. dict: root, component, own */}}
{{- define "alma.placement" -}}
{{- with .own.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .own.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .own.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .own.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- if .own.topologySpread }}
topologySpreadConstraints:
  {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "alma.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
{{- end -}}

{{/* Only what deploys into this cluster has something to tell it. */}}
{{- define "alma.identity" -}}
serviceAccountName: {{ include "alma.serviceAccount" . }}
automountServiceAccountToken: {{ .Values.engine.kubernetes.enabled }}
enableServiceLinks: false
{{- end -}}

{{/* dict: root, path prefix, port */}}
{{- define "alma.probes" -}}
startupProbe:
  httpGet: {path: {{ .prefix }}/live, port: {{ .port }}}
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: 90
readinessProbe:
  httpGet: {path: {{ .prefix }}/ready, port: {{ .port }}}
  periodSeconds: 5
  timeoutSeconds: 9
  failureThreshold: 2
livenessProbe:
  # Stays well while the database is away: nobody restarts what recovers by itself.
  httpGet: {path: {{ .prefix }}/live, port: {{ .port }}}
  periodSeconds: 10
  timeoutSeconds: 9
  failureThreshold: 6
{{- end -}}
