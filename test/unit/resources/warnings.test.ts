import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import { create, definition } from './rules-kit.ts';

/** What a create of a manifest warns of. */
function warnings(name: string, yaml: string): string[] {
  const { object } = create(name, yaml);
  return definition(name).warnings!(object as KubeObject, undefined);
}

/** A pod with one container; both parts are flow-style fields. */
const pod = (spec: string, container = '', metadata = ''): string =>
  `{metadata: {name: a, namespace: default${metadata && `, ${metadata}`}}, spec: {containers: [{name: c, image: "i:1"${container && `, ${container}`}}]${spec && `, ${spec}`}}}`;

const zone = 'failure-domain.beta.kubernetes.io/zone';
const useZone = 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead';
const nodeAffinity = 'spec.affinity.nodeAffinity';
const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

test.each<[string, string, string[]]>([
  ['nothing odd', pod(''), []],
  [
    'an old label in the node selector',
    pod(`nodeSelector: {${zone}: a, toString: b}`),
    [`spec.nodeSelector[${zone}]: ${useZone}`],
  ],
  [
    'an old label in a required term',
    pod(
      `affinity: {nodeAffinity: {${required}: {nodeSelectorTerms: [{matchExpressions: [{key: ${zone}, operator: Exists}]}]}}}`,
    ),
    [`${nodeAffinity}.${required}.nodeSelectorTerms[0].matchExpressions[0].key: ${zone} is ${useZone}`],
  ],
  [
    'a value that no label has in a preferred term',
    pod(
      `affinity: {nodeAffinity: {${preferred}: [{weight: 1, preference: {matchExpressions: [{key: a, operator: In, values: ["-1"]}]}}]}}`,
    ),
    [
      expect.stringMatching(
        /preferred.*\[0\]\.preference\.matchExpressions\[0\]\.values\[0\]: -1 is invalid, a valid label must be/,
      ) as never,
    ],
  ],
  [
    'a spread over an old label that selects no pod',
    pod(`topologySpreadConstraints: [{topologyKey: ${zone}, maxSkew: 1, whenUnsatisfiable: DoNotSchedule}]`),
    [
      `spec.topologySpreadConstraints[0].topologyKey: ${zone} is ${useZone}`,
      'spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod',
    ],
  ],
  [
    'affinity to no pod',
    pod(
      `affinity: {podAffinity: {${required}: [{topologyKey: h}]}, podAntiAffinity: {${preferred}: [{weight: 1, podAffinityTerm: {topologyKey: h}}]}}`,
    ),
    [
      `spec.affinity.podAffinity.${required}[0].labelSelector: a null labelSelector results in matching no pod`,
      `spec.affinity.podAntiAffinity.${preferred}[0].podAffinityTerm.labelSelector: a null labelSelector results in matching no pod`,
    ],
  ],
  [
    'annotations that nobody reads any more',
    pod(
      '',
      '',
      'annotations: {scheduler.alpha.kubernetes.io/critical-pod: "", security.alpha.kubernetes.io/sysctls: "", seccomp.security.alpha.kubernetes.io/pod: unconfined, container.seccomp.security.alpha.kubernetes.io/c: unconfined}',
    ),
    [
      'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead',
      'metadata.annotations[security.alpha.kubernetes.io/sysctls]: non-functional in v1.11+; use the "sysctls" field instead',
      'metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the "seccompProfile" field instead',
      'metadata.annotations[container.seccomp.security.alpha.kubernetes.io/c]: non-functional in v1.27+; use the "seccompProfile" field instead',
    ],
  ],
  [
    'volumes of systems that are gone',
    pod('volumes: [{name: g, gitRepo: {repository: r}}, {name: s, storageos: {volumeName: v}}]'),
    [
      'spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+',
      'spec.volumes[1].storageOS: deprecated in v1.22, non-functional in v1.25+',
    ],
  ],
  [
    'files in each other’s way',
    pod(
      'volumes: [{name: f, configMap: {name: m, items: [{key: a, path: test}, {key: b, path: test/app}, {key: c, path: testing}]}}]',
    ),
    ['volume "f" (ConfigMap "m"): overlapping paths: "test/app" with "test"'],
  ],
  [
    'files of several sources in each other’s way',
    pod(
      'volumes: [{name: p, projected: {sources: [{configMap: {name: m, items: [{key: a, path: test}]}}, {secret: {name: s, items: [{key: a, path: test/a}]}}]}}, {name: e, projected: {}}]',
    ),
    [
      'volume "p" (Projected): overlapping paths: "test/a" (Secret "s") with "test" (ConfigMap "m")',
      'volume "e" (Projected) has no sources provided',
    ],
  ],
  [
    'what is said twice',
    pod(
      'hostAliases: [{ip: 1.2.3.4}, {ip: 1.2.3.4}], imagePullSecrets: [{name: s}, {name: s}, {name: ""}], terminationGracePeriodSeconds: -1',
    ),
    [
      'spec.hostAliases[1].ip: duplicate ip "1.2.3.4"',
      'spec.imagePullSecrets[1].name: duplicate name "s"',
      'spec.imagePullSecrets[2].name: invalid empty name ""',
      'spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
    ],
  ],
  [
    'parts of bytes',
    pod('', 'resources: {limits: {memory: 4m}, requests: {ephemeral-storage: 1500m, cpu: 4m}}'),
    [
      'spec.containers[0].resources.limits[memory]: fractional byte value "4m" is invalid, must be an integer',
      'spec.containers[0].resources.requests[memory]: fractional byte value "4m" is invalid, must be an integer',
      'spec.containers[0].resources.requests[ephemeral-storage]: fractional byte value "1500m" is invalid, must be an integer',
    ],
  ],
  [
    'variables that hide each other, but for those made with the one before',
    pod('', 'env: [{name: A, value: x}, {name: A, value: "$(A):y"}, {name: A, value: "$(A)"}, {name: A, value: z}]'),
    [
      'spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply',
      'spec.containers[0].env[3]: hides previous definition of "A", which may be dropped when using apply',
    ],
  ],
  [
    'an address of the host without its port',
    pod('', 'ports: [{containerPort: 80, hostIP: 1.2.3.4}]'),
    [
      'spec.containers[0].ports[0]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:80 Protocol:TCP HostIP:1.2.3.4}',
    ],
  ],
  [
    'ports that clash',
    pod(
      '',
      'ports: [{containerPort: 80}, {containerPort: 80, hostPort: 8080}, {containerPort: 80, hostPort: 8080, hostIP: 1.2.3.4}, {containerPort: 80, protocol: UDP}]',
    ),
    [
      'spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]',
      'spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[0]',
      'spec.containers[0].ports[2]: dangerously ambiguous port definition with spec.containers[0].ports[1]',
    ],
  ],
  [
    'a port name of two containers, init containers that end aside',
    `{spec: {
      initContainers: [{name: i, image: i, ports: [{containerPort: 1, name: web}]}],
      containers: [{name: a, image: i, ports: [{containerPort: 2, name: web}]}, {name: b, image: i, ports: [{containerPort: 3, name: web}]}]}}`,
    [
      'spec.containers[1].ports[0]: duplicate port name "web" with spec.containers[0].ports[0], services and probes that select ports by name will use spec.containers[0].ports[0]',
    ],
  ],
])('a pod with %s', (_what, yaml, expected) => {
  expect(warnings('pods', yaml)).toEqual(expected);
});

test('an updated pod warns of nothing', () => {
  const { object } = create('pods', pod('terminationGracePeriodSeconds: -1'));
  expect(definition('pods').warnings!(object as KubeObject, object as KubeObject)).toEqual([]);
});

const template = (extra = ''): string =>
  `selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}], nodeSelector: {${zone}: a}${extra}}}`;
const ofTemplate = (path: string): string => `${path}.spec.nodeSelector[${zone}]: ${useZone}`;

test.each([
  ['deployments/apps', `{spec: {${template()}}}`, [ofTemplate('spec.template')]],
  ['replicasets/apps', `{spec: {${template()}}}`, [ofTemplate('spec.template')]],
  ['daemonsets/apps', `{spec: {${template()}}}`, [ofTemplate('spec.template')]],
  [
    'statefulsets/apps',
    `{spec: {${template()}, serviceName: s, revisionHistoryLimit: -1, volumeClaimTemplates: [{metadata: {name: d}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1500m}}}}]}}`,
    [
      ofTemplate('spec.template'),
      'spec.volumeClaimTemplates[0].spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
      'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
    ],
  ],
  [
    'replicationcontrollers',
    `{spec: {${template().replace('matchLabels: {a: b}', 'a: b')}}}`,
    [ofTemplate('spec.template')],
  ],
  ['podtemplates', `{template: {spec: {containers: [], nodeSelector: {${zone}: a}}}}`, [ofTemplate('template')]],
  [
    'jobs/batch',
    `{spec: {${template(', restartPolicy: Never')}, completionMode: Indexed, completions: 100001, parallelism: 10001}}`,
    [
      'spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail',
      ofTemplate('spec.template'),
    ],
  ],
  [
    'cronjobs/batch',
    `{spec: {schedule: "TZ=UTC * * * * *", jobTemplate: {spec: {${template(', restartPolicy: Never').replace('selector: {matchLabels: {a: b}}, ', '')}}}}}`,
    [
      ofTemplate('spec.jobTemplate.spec.template'),
      'CRON_TZ or TZ used in spec.spec.schedule is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
    ],
  ],
])('templates of %s warn like pods', (name, yaml, expected) => {
  expect(warnings(name, yaml)).toEqual(expected);
});

test('a template warns again only when the spec has changed', () => {
  const { object } = create('deployments/apps', `{metadata: {generation: 1}, spec: {${template()}}}`);
  const old = object as KubeObject;
  const newer = { ...old, metadata: { ...old.metadata, generation: 2 } };
  expect(definition('deployments/apps').warnings!(old, old)).toEqual([]);
  expect(definition('deployments/apps').warnings!(newer, old)).toHaveLength(1);
});

test('names that are no host names', () => {
  const [text] = warnings('pods', '{metadata: {name: a.b}, spec: {containers: [{name: c, image: i}]}}');
  expect(text).toBe(
    "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
  );
  expect(warnings('deployments/apps', `{metadata: {name: a.b}, spec: {${template()}}}`)[0]).toMatch(
    /^metadata\.name: this is used in Pod names and hostnames/,
  );
});

const service = (fields: string): string => `{spec: {ports: [{port: 80}]${fields && `, ${fields}`}}}`;

test.each<[string, string, string[]]>([
  ['services', service(''), []],
  [
    'services',
    '{metadata: {annotations: {service.kubernetes.io/topology-aware-hints: auto}}, spec: {ports: [{port: 80}]}}',
    [
      'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead',
    ],
  ],
  [
    'services',
    service('clusterIPs: [None], externalIPs: [1.2.3.4], loadBalancerIP: 1.2.3.4, sessionAffinity: ClientIP'),
    [
      'spec.loadBalancerIP is ignored for headless services',
      'spec.externalIPs is ignored for headless services',
      'spec.SessionAffinity is ignored for headless services',
    ],
  ],
  [
    'services',
    service('externalIPs: [1.2.3.4], externalName: a.b'),
    ['spec.externalIPs is deprecated', 'spec.externalName is ignored when spec.type is not "ExternalName"'],
  ],
  [
    'services',
    service('type: LoadBalancer, loadBalancerSourceRanges: ["10.1.2.3/8"]'),
    [
      'spec.loadBalancerSourceRanges[0]: CIDR value "10.1.2.3/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.1.2.3/32"?)',
    ],
  ],
  [
    'persistentvolumes',
    `{metadata: {annotations: {volume.beta.kubernetes.io/storage-class: s}}, spec: {rbd: {monitors: [m], image: i}, persistentVolumeReclaimPolicy: Recycle, nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: ${zone}, operator: Exists}]}]}}}}`,
    [
      `spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: ${zone} is ${useZone}`,
      'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead',
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
      'spec.rbd: deprecated in v1.28, non-functional in v1.31+',
    ],
  ],
  [
    'persistentvolumeclaims',
    '{metadata: {annotations: {volume.beta.kubernetes.io/storage-class: s}}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1500m}}}}',
    [
      'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead',
      'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
    ],
  ],
  [
    'nodes',
    '{spec: {externalID: x, configSource: {}}}',
    [
      'spec.configSource: the feature is no longer supported',
      'spec.externalID: this field is deprecated, and is unused by Kubernetes',
    ],
  ],
  [
    'serviceaccounts',
    '{metadata: {annotations: {kubernetes.io/enforce-mountable-secrets: "true"}}}',
    [
      'metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets',
    ],
  ],
  [
    'endpoints',
    '{subsets: [{addresses: [{ip: "2001:DB8::1"}]}]}',
    ['subsets[0].addresses[0].ip: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")'],
  ],
  [
    'ingresses/networking.k8s.io',
    '{metadata: {annotations: {kubernetes.io/ingress.class: nginx}}, spec: {defaultBackend: {service: {name: a, port: {number: 80}}}}}',
    [`annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`],
  ],
  [
    'networkpolicies/networking.k8s.io',
    '{spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.1.2.3/8}}]}]}}',
    [
      'spec.ingress[0].from[0].ipBlock.cidr: CIDR value "10.1.2.3/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.1.2.3/32"?)',
    ],
  ],
  [
    'secrets',
    '{type: kubernetes.io/tls, data: {tls.crt: "", tls.key: ""}}',
    ['tls: failed to find any PEM data in certificate input'],
  ],
])('%s %s', (name, yaml, expected) => {
  expect(warnings(name, yaml)).toEqual(expected);
});
