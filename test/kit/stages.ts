/** Stages in the form of KWOK's own: pods run at once, Jobs' pods complete, what is deleted goes; one makes pods fail on demand. */
export const podStages = `apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: pod-runs}
spec:
  resourceRef: {apiGroup: v1, kind: Pod}
  selector:
    matchExpressions:
    - {key: .metadata.deletionTimestamp, operator: DoesNotExist}
    - {key: .status.podIP, operator: DoesNotExist}
  next:
    event: {type: Normal, reason: Staged, message: "{{ .metadata.name }} runs"}
    statusTemplate: |
      {{ $now := Now }}
      conditions:
      {{ range list "Initialized" "Ready" "ContainersReady" }}
      - type: {{ . | Quote }}
        status: "True"
        lastTransitionTime: {{ $now | Quote }}
      {{ end }}
      containerStatuses:
      {{ range .spec.containers }}
      - name: {{ .name | Quote }}
        image: {{ .image | Quote }}
        ready: true
        restartCount: 0
        state:
          running: {startedAt: {{ $now | Quote }}}
      {{ end }}
      hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
      podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) .metadata.uid .metadata.name .metadata.namespace | Quote }}
      phase: Running
      startTime: {{ $now | Quote }}
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: pod-completes}
spec:
  resourceRef: {apiGroup: v1, kind: Pod}
  selector:
    matchExpressions:
    - {key: .metadata.deletionTimestamp, operator: DoesNotExist}
    - {key: .status.phase, operator: In, values: [Running]}
    - {key: ".metadata.ownerReferences.[].kind", operator: In, values: [Job]}
  next:
    statusTemplate: |
      {{ $now := Now }}
      containerStatuses:
      {{ range $i, $container := .spec.containers }}
      {{ $before := index $.status.containerStatuses $i }}
      - name: {{ $container.name | Quote }}
        image: {{ $before.image | Quote }}
        ready: false
        restartCount: {{ $before.restartCount }}
        state:
          terminated: {exitCode: 0, reason: Completed, finishedAt: {{ $now | Quote }}}
      {{ end }}
      phase: Succeeded
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: pod-goes}
spec:
  resourceRef: {apiGroup: v1, kind: Pod}
  selector:
    matchExpressions:
    - {key: .metadata.deletionTimestamp, operator: Exists}
  next:
    finalizers: {empty: true}
    delete: true
`;

export const chaosStages = `apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: pod-fails}
spec:
  resourceRef: {apiGroup: v1, kind: Pod}
  selector:
    matchLabels: {fails: "true"}
    matchExpressions:
    - {key: .status.phase, operator: In, values: [Running]}
  weight: 10000
  delay:
    durationMilliseconds: 60000
    durationFrom: {expressionFrom: '.metadata.annotations["fails/delay"]'}
  next:
    statusTemplate: |
      {{ $why := or ( index ( or .metadata.annotations dict ) "fails/why" ) "Chaos" }}
      containerStatuses:
      {{ range .spec.containers }}
      - name: {{ .name | Quote }}
        image: {{ .image | Quote }}
        ready: false
        restartCount: 0
        state:
          terminated: {exitCode: 7, reason: {{ $why }}}
      {{ end }}
      phase: Failed
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: node-fails}
spec:
  resourceRef: {apiGroup: v1, kind: Node}
  selector:
    matchLabels: {fails: "true"}
    matchExpressions:
    - {key: .status.phase, operator: In, values: [Running]}
  next:
    statusTemplate: |
      conditions:
      {{ range NodeConditions }}
      {{ if eq .type "Ready" }}
      - type: Ready
        status: "False"
        reason: Chaos
        message: {{ printf "%s fails" NodeName | Quote }}
        lastHeartbeatTime: {{ Now | Quote }}
        lastTransitionTime: {{ Now | Quote }}
      {{ end }}
      {{ end }}
`;
