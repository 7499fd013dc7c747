import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type HttpAnswer, type HttpsApi, httpsApi } from '../kit/https-api.ts';
import { pkcs10 } from '../kit/pkcs10.ts';

/** What every kind must be able to do over HTTP, as upstream's tests of API operations ask of kind after kind. */

let server: HttpsApi;
beforeAll(async () => {
  server = await httpsApi();
});
afterAll(() => server[Symbol.asyncDispose]());

const template = 'template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}';
const workload = `selector: {matchLabels: {a: b}}, ${template}`;
const job = 'template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}';
const rules = '[{operations: [CREATE], apiGroups: [x], apiVersions: [v1], resources: [x]}]';
const time = '"2024-01-01T00:00:00Z"';
const condition = `conditions: [{type: T, status: "True", reason: R, message: m, lastTransitionTime: ${time}}]`;
const short = 'conditions: [{type: T, status: "True", reason: R, message: m}]';
const request = Buffer.from(pkcs10('/CN=jane')).toString('base64');
const admission = 'admissionregistration.k8s.io/v1';
const networking = 'networking.k8s.io/v1';
const storage = 'storage.k8s.io/v1';
const flowcontrol = 'flowcontrol.apiserver.k8s.io/v1';
const event = 'reason: R, type: Normal';

/** Resource, fields of an object, status to write where there is one. Those with "!" lie in no namespace. */
const kinds: readonly (readonly [string, string, string?])[] = [
  ['v1/configmaps', 'data: {a: b}'],
  ['v1/secrets', 'data: {a: YQ==}'],
  ['v1/podtemplates', template],
  ['v1/limitranges', 'spec: {limits: [{type: Container, max: {cpu: "1"}}]}'],
  ['v1/resourcequotas', 'spec: {hard: {pods: "5"}}', 'hard: {pods: "6"}'],
  ['v1/serviceaccounts', ''],
  ['v1/pods', 'spec: {containers: [{name: c, image: i}]}', 'message: m'],
  [
    'v1/services',
    'spec: {type: LoadBalancer, ports: [{port: 80}]}',
    'loadBalancer: {ingress: [{ip: 203.0.113.1, ipMode: VIP}]}',
  ],
  ['v1/endpoints', 'subsets: [{addresses: [{ip: 10.9.9.9}], ports: [{port: 80}]}]'],
  ['v1/events', `involvedObject: {namespace: default}, ${event}`],
  ['v1/replicationcontrollers', `spec: {selector: {a: b}, ${template}}`, 'replicas: 0, observedGeneration: 7'],
  [
    'v1/persistentvolumeclaims',
    'spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}',
    'phase: Lost',
  ],
  [
    '!v1/persistentvolumes',
    'spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, hostPath: {path: /x}}',
    'phase: Failed, message: m',
  ],
  ['!v1/nodes', '', 'phase: Running'],
  ['apps/v1/controllerrevisions', 'revision: 1, data: {a: 1}'],
  ['apps/v1/deployments', `spec: {${workload}}`, 'observedGeneration: 7'],
  ['apps/v1/replicasets', `spec: {${workload}}`, 'replicas: 0, observedGeneration: 7'],
  ['apps/v1/statefulsets', `spec: {serviceName: s, ${workload}}`, 'replicas: 0, observedGeneration: 7'],
  [
    'apps/v1/daemonsets',
    `spec: {${workload}}`,
    'currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0, observedGeneration: 7',
  ],
  [
    'autoscaling/v2/horizontalpodautoscalers',
    'spec: {maxReplicas: 3, scaleTargetRef: {kind: Deployment, name: d, apiVersion: apps/v1}}',
    'desiredReplicas: 2, currentReplicas: 1',
  ],
  ['batch/v1/jobs', `spec: {suspend: true, ${job}}`, short],
  ['batch/v1/cronjobs', `spec: {schedule: "0 0 * * *", jobTemplate: {spec: {${job}}}}`, `lastScheduleTime: ${time}`],
  ['coordination.k8s.io/v1/leases', 'spec: {holderIdentity: h, leaseDurationSeconds: 30}'],
  ['discovery.k8s.io/v1/endpointslices', 'addressType: IPv4, endpoints: [{addresses: [10.8.8.8]}]'],
  [
    'events.k8s.io/v1/events',
    `eventTime: "2024-01-01T00:00:00.000000Z", reportingController: t, reportingInstance: i, action: A, regarding: {namespace: default}, ${event}`,
  ],
  [
    `${networking}/ingresses`,
    'spec: {defaultBackend: {service: {name: s, port: {number: 80}}}}',
    'loadBalancer: {ingress: [{ip: 169.1.1.1}]}',
  ],
  [`!${networking}/ingressclasses`, 'spec: {controller: example.com/c}'],
  [`${networking}/networkpolicies`, 'spec: {podSelector: {}}'],
  [`!${networking}/servicecidrs`, 'spec: {cidrs: [10.247.0.0/24]}', condition],
  ['!node.k8s.io/v1/runtimeclasses', 'handler: h'],
  [
    'policy/v1/poddisruptionbudgets',
    'spec: {minAvailable: 1}',
    'disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0',
  ],
  ['!scheduling.k8s.io/v1/priorityclasses', 'value: 5'],
  [`!${storage}/storageclasses`, 'provisioner: p'],
  [`!${storage}/csidrivers`, 'spec: {attachRequired: false}'],
  [`!${storage}/csinodes`, 'spec: {drivers: [{name: d, nodeID: n}]}'],
  [`${storage}/csistoragecapacities`, 'storageClassName: s, capacity: 1Gi'],
  [`!${storage}/volumeattributesclasses`, 'driverName: d, parameters: {a: b}'],
  [
    `!${storage}/volumeattachments`,
    'spec: {attacher: a, nodeName: n, source: {persistentVolumeName: p}}',
    'attached: true',
  ],
  [`!${admission}/mutatingwebhookconfigurations`, 'webhooks: []'],
  [`!${admission}/validatingwebhookconfigurations`, 'webhooks: []'],
  [
    `!${admission}/validatingadmissionpolicies`,
    `spec: {matchConstraints: {resourceRules: ${rules}}, validations: [{expression: "true"}]}`,
    condition,
  ],
  [`!${admission}/validatingadmissionpolicybindings`, 'spec: {policyName: p, validationActions: [Deny]}'],
  [
    `!${admission}/mutatingadmissionpolicies`,
    `spec: {reinvocationPolicy: Never, matchConstraints: {resourceRules: ${rules}}, mutations: [{patchType: ApplyConfiguration, applyConfiguration: {expression: "Object{}"}}]}`,
  ],
  [`!${admission}/mutatingadmissionpolicybindings`, 'spec: {policyName: p}'],
  [
    '!certificates.k8s.io/v1/certificatesigningrequests',
    `spec: {request: ${request}, signerName: example.com/s, usages: [server auth]}`,
    short,
  ],
  [
    `!${flowcontrol}/flowschemas`,
    'spec: {priorityLevelConfiguration: {name: catch-all}, rules: [{subjects: [{kind: User, user: {name: u}}], nonResourceRules: [{verbs: ["*"], nonResourceURLs: ["*"]}]}]}',
    condition,
  ],
  [
    `!${flowcontrol}/prioritylevelconfigurations`,
    'spec: {type: Limited, limited: {limitResponse: {type: Reject}}}',
    condition,
  ],
  ['rbac.authorization.k8s.io/v1/roles', 'rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]'],
  ['!rbac.authorization.k8s.io/v1/clusterroles', 'rules: []'],
  ['!resource.k8s.io/v1/deviceclasses', 'spec: {}'],
];

type Stored = Record<string, unknown> & {
  metadata: { name: string; uid: string; annotations?: Record<string, string>; labels: Record<string, string> };
};

const stored = (answer: HttpAnswer) => answer.json as unknown as Stored;

for (const [resource, fields, status] of kinds) {
  test(`${resource.replace('!', '')} takes every verb`, () => live(resource, fields, status));
}

async function live(resource: string, fields: string, status: string | undefined): Promise<void> {
  const clusterWide = resource.startsWith('!');
  const path = resource.replace('!', '');
  const version = path.slice(0, path.lastIndexOf('/'));
  const name = path.slice(version.length + 1);
  const base = version === 'v1' ? '/api/v1' : `/apis/${version}`;
  const all = `${base}/${name}`;
  const collection = clusterWide ? all : `${base}/namespaces/default/${name}`;
  const one = `${collection}/${name}-a`;
  const ours = '?labelSelector=kind%3Dours';
  const object = (suffix: string) => ({
    metadata: { name: `${name}-${suffix}`, labels: { kind: 'ours' } },
    ...parse(`{${fields}}`),
  });
  const patch = async (to: string, kind: string, body: unknown): Promise<Stored> => {
    const answer = await server.ask(to, {
      method: 'PATCH',
      headers: { 'content-type': `application/${kind}` },
      body: JSON.stringify(body),
    });
    expect([kind, answer.code, answer.json.message]).toEqual([kind, 200, undefined]);
    return stored(answer);
  };
  /** As clients do: once more when somebody else was quicker. */
  const put = async (to: string, change: (object: Stored) => void): Promise<Stored> => {
    const current = stored(await server.ask(to));
    change(current);
    const headers = { 'content-type': 'application/json' };
    const answer = await server.ask(to, { method: 'PUT', headers, body: JSON.stringify(current) });
    if (answer.code === 409) return put(to, change);
    expect([answer.code, answer.json.message]).toEqual([200, undefined]);
    return stored(answer);
  };
  const items = async (of: string) =>
    (stored(await server.ask(`${of}${ours}`)) as unknown as { items: Stored[] }).items;

  const scope = clusterWide ? { namespace: '' } : {};
  const watch = await server.api.watch(version === 'v1' ? name : path, { labelSelector: 'kind=ours' }, scope);
  /** What the watch says of an object, without repetitions. */
  const story = (suffix: string) =>
    watch.events
      .filter(({ object: seen }) => seen.metadata.name === `${name}-${suffix}`)
      .map(({ type }) => type)
      .filter((type, at, types) => type !== types[at - 1]);
  const dry = await server.post(`${collection}?dryRun=All`, object('a'));
  expect([dry.code, dry.json.message]).toEqual([201, undefined]);
  const made = stored(await server.post(collection, object('a')));
  expect((await server.post(collection, object('a'))).json).toMatchObject({ code: 409, reason: 'AlreadyExists' });
  expect(stored(await server.ask(one)).metadata.uid).toBe(made.metadata.uid);
  expect((await items(collection)).map((item) => item.metadata.name)).toEqual([`${name}-a`]);
  expect(await items(all)).toHaveLength(1);

  await patch(one, 'merge-patch+json', { metadata: { annotations: { patched: 'true' } } });
  await patch(one, 'strategic-merge-patch+json', { metadata: { labels: { second: 'x' } } });
  await patch(one, 'json-patch+json', [{ op: 'add', path: '/metadata/labels/third', value: 'y' }]);
  const head = { apiVersion: version, kind: made['kind'], metadata: { name: `${name}-a`, labels: { fourth: 'z' } } };
  await patch(`${one}?fieldManager=me`, 'apply-patch+yaml', head);
  const updated = await put(one, ({ metadata }) => void (metadata.annotations!['updated'] = 'true'));
  expect(updated.metadata).toMatchObject({
    annotations: { patched: 'true', updated: 'true' },
    labels: { kind: 'ours', second: 'x', third: 'y', fourth: 'z' },
  });

  if (status) {
    const wanted = parse(`{${status}}`);
    expect(stored(await server.ask(`${one}/status`)).metadata.uid).toBe(made.metadata.uid);
    expect(await patch(`${one}/status`, 'merge-patch+json', { status: wanted })).toMatchObject({ status: wanted });
    await put(`${one}/status`, (current) => void (current['status'] = {}));
    const again = await put(`${one}/status`, (current) => void (current['status'] = wanted));
    expect(again).toMatchObject({ status: wanted });
  } else expect((await server.ask(`${one}/status`)).code).toBe(404);

  /** No controller is there to take the finalizers away that protect some kinds. */
  const letGo = async () => {
    for (const item of await items(all))
      await patch(`${collection}/${item.metadata.name}`, 'merge-patch+json', { metadata: { finalizers: null } });
  };
  expect((await server.ask(`${one}?gracePeriodSeconds=0`, { method: 'DELETE' })).code).toBe(200);
  await letGo();
  for (const suffix of ['b', 'c']) expect((await server.post(collection, object(suffix))).code).toBe(201);
  expect((await server.ask(`${collection}${ours}&gracePeriodSeconds=0`, { method: 'DELETE' })).code).toBe(200);
  await letGo();
  await expect.poll(() => story('a')).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
  for (const suffix of ['b', 'c'])
    await expect.poll(() => [story(suffix)[0], story(suffix).at(-1)]).toEqual(['ADDED', 'DELETED']);
  expect(await items(all)).toEqual([]);
  watch.close();
}
