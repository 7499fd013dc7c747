import { expect, test } from 'vitest';
import { thaw } from '../../src/api/object.ts';
import { type HttpAnswer, httpsApi } from '../kit/https-api.ts';

const p = 'pod-security.kubernetes.io/';
const plain = (spec = {}) => ({ containers: [{ name: 'c', image: 'i' }], ...spec });
const hardened = (image = 'i') => ({
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    { name: 'c', image, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } },
  ],
});
const asRestricted =
  'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), ' +
  'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), ' +
  'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), ' +
  'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';

/** A server and what is asked of it in a namespace `n` with these labels. */
async function serverWith(labels: Record<string, string>) {
  const server = await httpsApi();
  const patch = (path: string, body: unknown) =>
    server.ask(path, {
      method: 'PATCH',
      headers: { 'content-type': 'application/strategic-merge-patch+json' },
      body: JSON.stringify(body),
    });
  await server.post('/api/v1/namespaces', { metadata: { name: 'n', labels } });
  await server.post('/api/v1/namespaces/n/serviceaccounts', { metadata: { name: 'default' } });
  return {
    server,
    patch,
    pod: (name: string, spec: object, metadata = {}) =>
      server.post('/api/v1/namespaces/n/pods', { metadata: { name, ...metadata }, spec }),
    label: (set: Record<string, string | null>) => patch('/api/v1/namespaces/n', { metadata: { labels: set } }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** The texts of an answer's warnings. */
const warned = ({ headers }: HttpAnswer): string[] =>
  [...String(headers['warning'] ?? '').matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, text]) =>
    text!.replace(/\\(.)/g, '$1'),
  );

test('what a namespace enforces, its pods do or are refused', async () => {
  await using n = await serverWith({ [`${p}enforce`]: 'restricted' });
  const { code, json } = await n.pod('a', plain());
  expect(code).toBe(403);
  expect(json).toMatchObject({
    reason: 'Forbidden',
    message: `pods "a" is forbidden: violates PodSecurity "restricted:latest": ${asRestricted}`,
    details: { name: 'a', kind: 'pods' },
  });
  expect((await n.pod('b', hardened())).code).toBe(201);
});

test('namespaces that ask for nothing take everything, and so does kube-system', async () => {
  await using n = await serverWith({ [`${p}enforce`]: 'privileged' });
  const spec = plain({ hostPID: true, hostNetwork: true });
  const answer = await n.pod('a', spec);
  expect([answer.code, warned(answer)]).toEqual([201, []]);
  const { server } = n;
  await server.post('/api/v1/namespaces/kube-system/serviceaccounts', { metadata: { name: 'default' } });
  expect((await server.post('/api/v1/namespaces/kube-system/pods', { metadata: { name: 'a' }, spec })).code).toBe(201);
});

test('what a namespace warns of is told and let pass, by templates also; what it audits is not told', async () => {
  await using n = await serverWith({
    [`${p}warn`]: 'restricted',
    [`${p}warn-version`]: 'v1.7',
    [`${p}audit`]: 'restricted',
  });
  const text =
    'would violate PodSecurity "restricted:v1.7": runAsNonRoot != true ' +
    '(pod or container "c" must set securityContext.runAsNonRoot=true)';
  const answer = await n.pod('a', plain());
  expect([answer.code, warned(answer)]).toEqual([201, [text]]);
  const labels = { app: 'x' };
  const template = { metadata: { labels }, spec: plain() };
  const jobTemplate = { metadata: { labels }, spec: plain({ restartPolicy: 'Never' }) };
  const spec = { selector: { matchLabels: labels }, template };
  const kinds: [string, object][] = [
    ['/api/v1/namespaces/n/podtemplates', { template }],
    ['/api/v1/namespaces/n/replicationcontrollers', { spec: { selector: labels, template } }],
    ['/apis/apps/v1/namespaces/n/deployments', { spec }],
    ['/apis/apps/v1/namespaces/n/replicasets', { spec }],
    ['/apis/apps/v1/namespaces/n/statefulsets', { spec: { ...spec, serviceName: 's' } }],
    ['/apis/apps/v1/namespaces/n/daemonsets', { spec }],
    ['/apis/batch/v1/namespaces/n/jobs', { spec: { template: jobTemplate } }],
    [
      '/apis/batch/v1/namespaces/n/cronjobs',
      { spec: { schedule: '* * * * *', jobTemplate: { spec: { template: jobTemplate } } } },
    ],
  ];
  for (const [path, object] of kinds) {
    const made = await n.server.post(path, { metadata: { name: 'x' }, ...object });
    expect([path, made.code, warned(made)]).toEqual([path, 201, [text]]);
  }
});

test('templates are never refused, and a refusal brings no warning', async () => {
  await using n = await serverWith({ [`${p}enforce`]: 'baseline', [`${p}warn`]: 'baseline' });
  const template = { metadata: { labels: { a: 'b' } }, spec: plain({ hostPID: true }) };
  const made = await n.server.post('/apis/apps/v1/namespaces/n/deployments', {
    metadata: { name: 'd' },
    spec: { selector: { matchLabels: { a: 'b' } }, template },
  });
  expect([made.code, warned(made)]).toEqual([
    201,
    ['would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)'],
  ]);
  const scaled = await n.patch('/apis/apps/v1/namespaces/n/deployments/d/scale', { spec: { replicas: 2 } });
  expect([scaled.code, warned(scaled)]).toEqual([200, []]);
  const refused = await n.pod('a', template.spec);
  expect([refused.code, warned(refused)]).toEqual([403, []]);
});

test('pods that are there stay, and only what matters is looked at when they change', async () => {
  await using n = await serverWith({});
  await n.pod('a', plain({ hostPID: true }));
  expect((await n.label({ [`${p}enforce`]: 'baseline' })).code).toBe(200);
  const pod = '/api/v1/namespaces/n/pods/a';
  expect((await n.patch(pod, { metadata: { labels: { a: 'b' } } })).code).toBe(200);
  expect((await n.patch(`${pod}/status`, { status: { phase: 'Running' } })).code).toBe(200);
  const image = await n.patch(pod, { spec: { containers: [{ name: 'c', image: 'other' }] } });
  expect([image.code, image.json.message]).toEqual([
    403,
    'pods "a" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true)',
  ]);
  expect((await n.server.ask(pod, { method: 'DELETE' })).code).toBe(200);
});

test('containers for debugging are held to the standards, too', async () => {
  await using n = await serverWith({ [`${p}enforce`]: 'baseline' });
  await n.pod('a', plain());
  const debug = (name: string, privileged: boolean) =>
    n.patch('/api/v1/namespaces/n/pods/a/ephemeralcontainers', {
      spec: { ephemeralContainers: [{ name, image: 'i', securityContext: { privileged } }] },
    });
  const refused = await debug('d', true);
  expect([refused.code, refused.json.message]).toEqual([
    403,
    'pods "a" is forbidden: violates PodSecurity "baseline:latest": ' +
      'privileged (container "d" must not set securityContext.privileged=true)',
  ]);
  expect((await debug('e', false)).code).toBe(200);
});

test('labels that mean nothing are refused, unless they were there before', async () => {
  await using n = await serverWith({});
  const made = await n.server.post('/api/v1/namespaces', {
    metadata: { name: 'm', labels: { [`${p}enforce`]: 'strict', [`${p}warn-version`]: '1.2' } },
  });
  expect(made.json).toMatchObject({
    code: 422,
    reason: 'Invalid',
    message:
      `Namespace "m" is invalid: [metadata.labels[${p}enforce]: Invalid value: "strict": ` +
      `must be one of privileged, baseline, restricted, metadata.labels[${p}warn-version]: Invalid value: "1.2": ` +
      'must be "latest" or "v1.x"]',
  });
  expect((await n.label({ [`${p}audit`]: 'none' })).code).toBe(422);
  // As a store of before may hold it: what is enforced is the strictest, and the namespace can be written.
  const key = { resource: 'namespaces', namespace: '', name: 'n' };
  const { store } = n.server.api;
  const { object, revision } = store.head(key)!;
  const next = thaw(object);
  next.metadata.labels = { ...object.metadata.labels, [`${p}enforce`]: 'strict' };
  await store.update(key, next, revision);
  expect((await n.label({ mine: 'x' })).code).toBe(200);
  expect((await n.label({ [`${p}warn`]: 'none' })).code).toBe(422);
  expect((await n.pod('a', plain())).json.message).toBe(
    `pods "a" is forbidden: violates PodSecurity "restricted:latest": ${asRestricted}`,
  );
});

test('whoever makes a namespace stricter hears of the pods that are not as it asks for', async () => {
  await using n = await serverWith({});
  await n.pod('b', plain({ hostPID: true }));
  await n.pod('a', plain({ hostPID: true }));
  await n.pod('c', hardened());
  const told = async (set: Record<string, string | null>) => warned(await n.label(set));
  expect(await told({ [`${p}enforce`]: 'baseline' })).toEqual([
    'existing pods in namespace "n" violate the new PodSecurity enforce level "baseline:latest"',
    'a (and 1 other pod): host namespaces',
  ]);
  expect(await told({ other: 'x' })).toEqual([]);
  expect(await told({ [`${p}warn`]: 'restricted' })).toEqual([]);
  expect(await told({ [`${p}enforce-version`]: 'v1.20' })).toHaveLength(2);
  expect(await told({ [`${p}enforce`]: 'restricted' })).toEqual([
    'existing pods in namespace "n" violate the new PodSecurity enforce level "restricted:v1.20"',
    'a (and 1 other pod): host namespaces, allowPrivilegeEscalation != false, runAsNonRoot != true, seccompProfile',
  ]);
  expect(await told({ [`${p}enforce`]: 'baseline' })).toEqual([]);
  expect(await told({ [`${p}enforce`]: null, [`${p}enforce-version`]: null })).toEqual([]);
});

test('what policies come to is counted', async () => {
  await using n = await serverWith({
    [`${p}enforce`]: 'baseline',
    [`${p}audit`]: 'restricted',
    [`${p}warn`]: 'baseline',
  });
  await n.pod('a', plain());
  await n.pod('b', plain({ hostPID: true }));
  await n.server.post('/api/v1/namespaces/n/podtemplates', {
    metadata: { name: 't' },
    template: { metadata: {}, spec: plain({ hostPID: true }) },
  });
  await n.label({
    [`${p}enforce`]: 'privileged',
    [`${p}enforce-version`]: 'v1.99',
    [`${p}audit`]: null,
    [`${p}warn`]: null,
  });
  await n.pod('c', plain({ hostPID: true }));
  const { text } = await n.server.ask('/metrics');
  const counted = text.split('\n').filter((line) => /^pod_security_\w+\{/.test(line));
  const series = (decision: string, mode: string, policy: string, resource: string) => {
    const [level, version] = policy.split(':');
    const labels = `decision="${decision}",mode="${mode}",policy_level="${level}",policy_version="${version}"`;
    return `pod_security_evaluations_total{${labels},request_operation="create",resource="${resource}",subresource=""}`;
  };
  expect(counted).toEqual([
    `${series('allow', 'enforce', 'baseline:latest', 'pod')} 1`,
    `${series('deny', 'audit', 'restricted:latest', 'pod')} 2`,
    `${series('deny', 'enforce', 'baseline:latest', 'pod')} 1`,
    `${series('deny', 'audit', 'restricted:latest', 'controller')} 1`,
    `${series('deny', 'warn', 'baseline:latest', 'controller')} 1`,
    `${series('allow', 'enforce', 'privileged:future', 'pod')} 1`,
  ]);
});
