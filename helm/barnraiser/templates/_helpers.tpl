{{- define "barnraiser.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "barnraiser.operator" -}}
{{ include "barnraiser.fullname" . }}-operator
{{- end -}}

{{- define "barnraiser.clusterName" -}}
{{- .Values.cluster.name | default (.Release.Name | trunc 30 | trimSuffix "-") -}}
{{- end -}}

{{- define "barnraiser.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "barnraiser.operator" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "barnraiser.selector" -}}
app.kubernetes.io/name: barnraiser
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end -}}

{{- define "barnraiser.labels" -}}
{{ include "barnraiser.selector" . }}
app.kubernetes.io/part-of: barnraiser
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- /* An image by its name in the values: {{ include "barnraiser.image" (list . "operator") }} */ -}}
{{- define "barnraiser.image" -}}
{{- $root := index . 0 -}}
{{- $image := index $root.Values.images (index . 1) -}}
{{- if and $root.Values.images.registry (ne (index . 1) "zookeeper") -}}{{ $root.Values.images.registry | trimSuffix "/" }}/{{- end -}}
{{- $image.repository -}}
{{- if $image.digest -}}@{{ $image.digest }}{{- else -}}:{{ $image.tag | default $root.Chart.AppVersion }}{{- end -}}
{{- end -}}

{{- /* Whether to make a kind of prometheus-operator: {{ include "barnraiser.wants" (list . .Values.metrics.rules) }} */ -}}
{{- define "barnraiser.wants" -}}
{{- $root := index . 0 -}}
{{- $when := index . 1 -}}
{{- if or (eq $when "always") (and (eq $when "auto") ($root.Capabilities.APIVersions.Has "monitoring.coreos.com/v1")) -}}yes{{- end -}}
{{- end -}}

{{- define "barnraiser.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "barnraiser.containerSecurity" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
