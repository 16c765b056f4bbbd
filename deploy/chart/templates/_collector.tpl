{{/* Of one collector; `exporters`, and which of them spans go to. */}}
{{- define "oi.collectorConfig" -}}
{{- $values := .root.Values.collector -}}
{{- $processors := concat (list "memory_limiter") (.plain | ternary (list) $values.processors) (list "batch") -}}
receivers:
  otlp:
    protocols:
      grpc: {endpoint: {{ .listen }}:4317}
      http: {endpoint: {{ .listen }}:4318}
processors:
  memory_limiter: {check_interval: 1s, limit_percentage: 80, spike_limit_percentage: 20}
  batch: {}
  {{- if not .plain }}
  {{- range $values.processors }}
  {{ . }}: {{ index $values.processorSettings . | default dict | toJson }}
  {{- end }}
  {{- end }}
exporters: {{- toYaml .exporters | nindent 2 }}
extensions:
  health_check: {endpoint: 0.0.0.0:13133}
service:
  extensions: [health_check]
  pipelines:
    {{- range $signal := list "traces" "metrics" "logs" }}
    {{ $signal }}:
      receivers: [otlp]
      processors: {{ $processors | toJson }}
      exporters: {{ keys $.exporters | sortAlpha | toJson }}
    {{- end }}
{{- end -}}
{{- define "oi.collectorContainer" -}}
- name: collector
  image: "{{ .root.Values.collector.image.repository }}:{{ .root.Values.collector.image.tag }}"
  imagePullPolicy: {{ .root.Values.collector.image.pullPolicy }}
  args: [--config, /settings/config.yaml]
  ports:
    - {name: otlp-grpc, containerPort: 4317{{ if .hostPorts }}, hostPort: 4317{{ end }}}
    - {name: otlp-http, containerPort: 4318{{ if .hostPorts }}, hostPort: 4318{{ end }}}
    - {name: health, containerPort: 13133}
  readinessProbe:
    httpGet: {path: /, port: health}
  livenessProbe:
    httpGet: {path: /, port: health}
  resources: {{- toYaml .root.Values.collector.resources | nindent 4 }}
  securityContext: {{- include "oi.security" .root | nindent 4 }}
  volumeMounts:
    - {name: settings, mountPath: /settings, readOnly: true}
{{- end -}}
{{- define "oi.collectorPod" -}}
metadata:
  labels: {{- include "oi.selector" (dict "root" .root "component" .component) | nindent 4 }}
  annotations:
    openlit.io/settings: {{ .config | sha256sum }}
spec:
  automountServiceAccountToken: false
  {{- with .root.Values.collector.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  containers: {{- include "oi.collectorContainer" . | nindent 4 }}
  volumes:
    - name: settings
      configMap: {name: {{ .name }}}
{{- end -}}
{{- define "oi.collectorSettings" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "oi.labels" .root | nindent 4 }}
data:
  config.yaml: |
    {{- .config | nindent 4 }}
{{- end -}}
