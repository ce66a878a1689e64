{{/* What the Kubernetes engine asks of a cluster, and nothing beyond: docs/engines/kubernetes.md says for what. */}}

{{/* Of the cluster itself, read only: where it is, what it serves, which classes there are. */}}
{{- define "alma.rules.look" -}}
- apiGroups: [""]
  resources: [namespaces, nodes]
  verbs: [get, list]
- apiGroups: [storage.k8s.io]
  resources: [storageclasses]
  verbs: [get, list]
- apiGroups: [networking.k8s.io]
  resources: [ingressclasses]
  verbs: [get, list]
- apiGroups: [apiextensions.k8s.io]
  resources: [customresourcedefinitions]
  verbs: [get, list]
{{- end -}}

{{/* A namespace for each stack. */}}
{{- define "alma.rules.stacks" -}}
- apiGroups: [""]
  resources: [namespaces]
  verbs: [create, patch, delete, watch]
{{- end -}}

{{/* What stacks are made of. */}}
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
  resources: [events, limitranges, pods, pods/log, resourcequotas]
  verbs: [get, list, watch]
- apiGroups: [apps]
  resources: [controllerrevisions, replicasets]
  verbs: [get, list, watch]
{{- if .Values.engine.kubernetes.kubevirt }}
- apiGroups: [kubevirt.io]
  resources: [virtualmachines, virtualmachineinstances]
  verbs: [get, list, watch, create, patch, delete]
{{- end }}
{{- end -}}
