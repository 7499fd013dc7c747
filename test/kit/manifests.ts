import { parse } from 'yaml';
import type { KubeObject } from '../../src/api/object.ts';

/** One small sound object of every stored kind, by "group/version/plural": the main resource, and a status where it has one. */
export interface Manifest {
  readonly object: KubeObject;
  readonly status?: object;
}

const pod = '{spec: {containers: [{name: c, image: "i:1"}]}}';
const template = `{metadata: {labels: {a: b}}, ${pod.slice(1, -1)}}`;
const workload = `spec: {selector: {matchLabels: {a: b}}, template: ${template}}`;
const once = '{spec: {restartPolicy: Never, containers: [{name: c, image: "i:1"}]}}';
const role = 'rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]';
const rules = 'resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [CREATE]}]';
const hook =
  '{name: w.example.com, clientConfig: {url: "https://example.com"}, sideEffects: None, admissionReviewVersions: [v1]}';
const group = 'rbac.authorization.k8s.io';
const accepted = '{type: Ready, status: "True", reason: R, message: m, lastTransitionTime: "2020-01-01T00:00:00Z"}';

const texts: Readonly<Record<string, readonly [object: string, status?: string]>> = {
  '/v1/configmaps': ['data: {a: b}'],
  '/v1/endpoints': ['subsets: [{addresses: [{ip: 10.0.0.1}], ports: [{port: 80}]}]'],
  '/v1/events': ['involvedObject: {namespace: default}'],
  '/v1/limitranges': ['spec: {limits: [{type: Pod}]}'],
  '/v1/namespaces': ['spec: {}', 'phase: Active'],
  '/v1/nodes': ['spec: {unschedulable: true}', 'allocatable: {cpu: 1}'],
  '/v1/persistentvolumeclaims': [
    'spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}',
    'phase: Lost',
  ],
  '/v1/persistentvolumes': [
    'spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, hostPath: {path: /tmp}}',
    'message: m',
  ],
  '/v1/pods': [pod.slice(1, -1), 'message: m'],
  '/v1/podtemplates': [`template: ${template}`],
  '/v1/replicationcontrollers': [`spec: {selector: {a: b}, template: ${template}}`, 'replicas: 1'],
  '/v1/resourcequotas': ['spec: {hard: {pods: 1}}', 'used: {pods: 1}'],
  '/v1/secrets': ['data: {a: YQ==}'],
  '/v1/serviceaccounts': ['secrets: []'],
  '/v1/services': [
    'spec: {type: LoadBalancer, ports: [{port: 80}]}',
    'loadBalancer: {ingress: [{ip: 10.0.0.1, ipMode: VIP}]}',
  ],
  'apps/v1/controllerrevisions': ['{data: {a: b}, revision: 1}'],
  'apps/v1/daemonsets': [
    workload,
    '{currentNumberScheduled: 1, numberMisscheduled: 0, desiredNumberScheduled: 1, numberReady: 0}',
  ],
  'apps/v1/deployments': [workload, 'replicas: 1'],
  'apps/v1/replicasets': [workload, 'replicas: 1'],
  'apps/v1/statefulsets': [workload, 'replicas: 1'],
  'autoscaling/v2/horizontalpodautoscalers': [
    'spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: d}}',
    '{currentReplicas: 5, desiredReplicas: 5}',
  ],
  'batch/v1/cronjobs': [
    `spec: {schedule: "* * * * *", jobTemplate: {spec: {template: ${once}}}}`,
    'lastScheduleTime: "2020-01-01T00:00:00Z"',
  ],
  'batch/v1/jobs': [`spec: {template: ${once}}`, '{startTime: "2020-01-01T00:00:00Z", active: 1}'],
  'networking.k8s.io/v1/ingressclasses': ['spec: {controller: example.com/c}'],
  'networking.k8s.io/v1/ingresses': [
    'spec: {defaultBackend: {service: {name: s, port: {number: 80}}}}',
    'loadBalancer: {ingress: [{ip: 10.0.0.1}]}',
  ],
  'networking.k8s.io/v1/ipaddresses': [
    '{metadata: {name: 10.0.0.9}, spec: {parentRef: {resource: services, namespace: default, name: s}}}',
  ],
  'networking.k8s.io/v1/networkpolicies': ['spec: {podSelector: {}}'],
  'networking.k8s.io/v1/servicecidrs': ['spec: {cidrs: [10.9.0.0/16]}', `conditions: [${accepted}]`],
  'policy/v1/poddisruptionbudgets': [
    'spec: {minAvailable: 1, selector: {matchLabels: {a: b}}}',
    '{currentHealthy: 5, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0}',
  ],
  [`${group}/v1/clusterrolebindings`]: [`roleRef: {apiGroup: ${group}, kind: ClusterRole, name: r}`],
  [`${group}/v1/clusterroles`]: [role],
  [`${group}/v1/rolebindings`]: [`roleRef: {apiGroup: ${group}, kind: Role, name: r}`],
  [`${group}/v1/roles`]: [role],
  'storage.k8s.io/v1/csidrivers': ['spec: {attachRequired: true}'],
  'storage.k8s.io/v1/csinodes': ['spec: {drivers: []}'],
  'storage.k8s.io/v1/csistoragecapacities': ['storageClassName: c'],
  'storage.k8s.io/v1/storageclasses': ['provisioner: example.com/p'],
  'storage.k8s.io/v1/volumeattachments': [
    'spec: {attacher: a.example.com, nodeName: n, source: {persistentVolumeName: v}}',
    'attached: true',
  ],
  'storage.k8s.io/v1/volumeattributesclasses': ['{driverName: example.com, parameters: {a: b}}'],
  'admissionregistration.k8s.io/v1/mutatingadmissionpolicies': [
    `spec: {reinvocationPolicy: Never, failurePolicy: Fail, matchConstraints: {${rules}}, mutations: [{patchType: ApplyConfiguration, applyConfiguration: {expression: "Object{}"}}]}`,
  ],
  'admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings': ['spec: {policyName: p}'],
  'admissionregistration.k8s.io/v1/mutatingwebhookconfigurations': [`webhooks: [${hook}]`],
  'admissionregistration.k8s.io/v1/validatingadmissionpolicies': [
    `spec: {matchConstraints: {${rules}}, validations: [{expression: "true"}]}`,
    `conditions: [${accepted}]`,
  ],
  'admissionregistration.k8s.io/v1/validatingadmissionpolicybindings': [
    'spec: {policyName: p, validationActions: [Deny]}',
  ],
  'admissionregistration.k8s.io/v1/validatingwebhookconfigurations': [`webhooks: [${hook}]`],
  'apiextensions.k8s.io/v1/customresourcedefinitions': [
    '{metadata: {name: bs.example.com}, spec: {group: example.com, scope: Namespaced, names: {plural: bs, kind: B}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}}',
  ],
  'apiregistration.k8s.io/v1/apiservices': [
    '{metadata: {name: v1.far.example.com}, spec: {group: far.example.com, version: v1, groupPriorityMinimum: 100, versionPriority: 10, insecureSkipTLSVerify: true, service: {namespace: default, name: s}}}',
    `conditions: [${accepted}]`,
  ],
  'scheduling.k8s.io/v1/priorityclasses': ['value: 1'],
  'coordination.k8s.io/v1/leases': ['spec: {holderIdentity: h, leaseDurationSeconds: 5}'],
  'node.k8s.io/v1/runtimeclasses': ['handler: h'],
  'discovery.k8s.io/v1/endpointslices': ['{addressType: IPv4, endpoints: [{addresses: [10.0.0.1]}], ports: []}'],
  'flowcontrol.apiserver.k8s.io/v1/flowschemas': [
    'spec: {priorityLevelConfiguration: {name: l}}',
    `conditions: [${accepted}]`,
  ],
  'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations': [
    'spec: {type: Limited, limited: {limitResponse: {type: Reject}}}',
    `conditions: [${accepted}]`,
  ],
  'resource.k8s.io/v1/deviceclasses': ['spec: {}'],
  'resource.k8s.io/v1/resourceclaims': [
    'spec: {devices: {requests: [{name: r, exactly: {deviceClassName: c}}]}}',
    'allocation: {devices: {results: [{request: r, driver: d.example.com, pool: p, device: d}]}}',
  ],
  'resource.k8s.io/v1/resourceclaimtemplates': [
    'spec: {spec: {devices: {requests: [{name: r, exactly: {deviceClassName: c}}]}}}',
  ],
  'resource.k8s.io/v1/resourceslices': [
    'spec: {driver: d.example.com, nodeName: n, pool: {name: p, generation: 1, resourceSliceCount: 1}, devices: [{name: d}]}',
  ],
};

/** The object of a resource, named "a" unless its name says something; a fresh copy each time. */
export function manifest(resource: string): Manifest {
  const text = texts[resource];
  if (!text) throw new Error(`no manifest for ${resource}`);
  const object = parse(text[0]) as KubeObject;
  const status = text[1] === undefined ? undefined : (parse(text[1]) as object);
  return { object: { ...object, metadata: { name: 'a', ...object.metadata } }, ...(status && { status }) };
}

/** Every resource there is a manifest for. */
export const manifestResources: readonly string[] = Object.keys(texts);
