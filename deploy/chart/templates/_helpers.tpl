{{- define "oi.name" -}}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{- end -}}
{{- define "oi.image" -}}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{- end -}}
{{- define "oi.labels" -}}
app.kubernetes.io/name: openlit-instrument
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}
{{- define "oi.selector" -}}
app.kubernetes.io/name: openlit-instrument
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}
{{- define "oi.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 65532
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end -}}
{{/* Where pods send to, where nobody has said it. */}}
{{- define "oi.endpoint" -}}
{{- if eq .Values.collector.pattern "agent" -}}http://$(OTEL_NODE_IP):4318
{{- else if eq .Values.collector.pattern "gateway" -}}http://{{ include "oi.name" . }}-collector.{{ .Release.Namespace }}:4318
{{- else if eq .Values.collector.pattern "sidecar" -}}http://localhost:4318
{{- end -}}
{{- end -}}
{{- define "oi.defaults" -}}
{{- $defaults := deepCopy .Values.operator.defaults -}}
{{- $endpoint := include "oi.endpoint" . -}}
{{- if and $endpoint (not (dig "exporter" "endpoint" "" $defaults)) -}}
{{- $defaults = mergeOverwrite $defaults (dict "exporter" (dict "endpoint" $endpoint)) -}}
{{- end -}}
{{- if $defaults -}}{{ toYaml $defaults }}{{- end -}}
{{- end -}}
