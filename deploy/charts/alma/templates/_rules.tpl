{{/* What the Kubernetes engine asks of a cluster, and nothing beyond: docs/engines/kubernetes.md says for what. */}}

{{/* Which cluster it is, how many nodes are ready, which classes of storage there are. */}}
{{- define "alma.rules.look" -}}
- apiGroups: [""]
  resources: [namespaces]
  verbs: [get]
- apiGroups: [""]
  resources: [nodes]
  verbs: [list]
- apiGroups: [storage.k8s.io]
  resources: [storageclasses]
  verbs: [list]
{{- end -}}

{{/* A namespace for each stack. */}}
{{- define "alma.rules.stacks" -}}
- apiGroups: [""]
  resources: [namespaces]
  verbs: [create, patch, delete]
{{- end -}}

{{/* What stacks are made of, and what tells how that goes. */}}
{{- define "alma.rules.work" -}}
- apiGroups: [""]
  resources: [configmaps, persistentvolumeclaims, secrets, services]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [apps]
  resources: [deployments, statefulsets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [ingresses, networkpolicies]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch]
- apiGroups: [""]
  resources: [pods/log]
  verbs: [get]
- apiGroups: [""]
  resources: [events, limitranges, resourcequotas]
  verbs: [list]
- apiGroups: [apps]
  resources: [replicasets]
  verbs: [list]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [list]
- apiGroups: [""]
  resources: [pods/proxy]
  verbs: [get]
{{- $kinds := dict
      "cloudnative-pg" (list "postgresql.cnpg.io" "clusters")
      "gateway" (list "gateway.networking.k8s.io" "httproutes")
      "kubevirt" (list "kubevirt.io" "virtualmachines")
      "redis-operator" (list "redis.redis.opstreelabs.in" "redis") }}
{{- range .Values.engine.kubernetes.also }}
- apiGroups: [{{ first (get $kinds .) }}]
  resources: [{{ last (get $kinds .) }}]
  verbs: [get, list, watch, create, patch, delete]
{{- end }}
{{- end -}}

{{/* What the operator asks of a cluster. What it deploys, it deploys through engines, with their rights. */}}
{{- define "alma.rules.operator" -}}
- apiGroups: [alma.dev]
  resources: [blueprints]
  verbs: [get, list, watch, patch]
- apiGroups: [alma.dev]
  resources: [infrastructurepullrequests]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [alma.dev]
  resources: [blueprints/status, infrastructurepullrequests/status]
  verbs: [get, patch]
- apiGroups: [""]
  resources: [events]
  verbs: [create]
- apiGroups: [""]
  resources: [namespaces]
  verbs: [list, watch]
- apiGroups: [apiextensions.k8s.io]
  resources: [customresourcedefinitions]
  verbs: [list, watch]
{{- end -}}

{{- define "alma.rules.editor" -}}
- apiGroups: [alma.dev]
  resources: [blueprints]
  verbs: [get, list, watch, create, update, patch, delete, deletecollection]
- apiGroups: [alma.dev]
  resources: [infrastructurepullrequests]
  verbs: [get, list, watch]
{{- end -}}

{{- define "alma.rules.viewer" -}}
- apiGroups: [alma.dev]
  resources: [blueprints, infrastructurepullrequests]
  verbs: [get, list, watch]
{{- end -}}

{{- define "alma.rules.approver" -}}
- apiGroups: [alma.dev]
  resources: [infrastructurepullrequests]
  verbs: [get, list, watch, patch]
- apiGroups: [alma.dev]
  resources: [blueprints]
  verbs: [get, list, watch]
{{- end -}}
