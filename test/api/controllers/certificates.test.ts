import { createPublicKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  clusterRoleBindings,
  clusterRoles,
  clusterTrustBundles,
  podCertificateRequests,
  certificateSigningRequests as requests,
} from '../../../src/api/kinds.gen.ts';
import { servedApis } from '../../../src/api/served-apis.ts';
import type { CertificateSigningRequestSpec, KeyUsage } from '../../../src/api/types/certificates-v1.gen.ts';
import { ManualClock, SystemClock } from '../../../src/base/clock.ts';
import { SystemIds } from '../../../src/base/ids.ts';
import { createClient } from '../../../src/client/client.ts';
import { createAuthority, lifetime } from '../../../src/pki/certificates.ts';
import { generateKey } from '../../../src/pki/keys.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';
import { pkcs10 } from '../../kit/pkcs10.ts';

const authority = await createAuthority(
  'test-ca',
  generateKey(),
  lifetime(new SystemClock().wall(), 3650),
  new SystemIds(),
);

const clientUsages: KeyUsage[] = ['digital signature', 'client auth'];

const ask = (plane: ControlPlane, subject: string, spec: Partial<CertificateSigningRequestSpec> = {}) =>
  plane.client.resource(requests).create({
    metadata: { name: 'c' },
    spec: {
      request: Buffer.from(pkcs10(subject)).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: clientUsages,
      ...spec,
    },
  });

async function decide(plane: ControlPlane, type: 'Approved' | 'Denied'): Promise<void> {
  const csr = await plane.client.resource(requests).get({ name: 'c' });
  const conditions = [{ type, status: 'True', reason: 'Test', message: 'as the test wants' }];
  await plane.client
    .resource(requests)
    .updateSubresource({ name: 'c' }, 'approval', { ...csr, status: { conditions } });
}

test('an approved request gets a certificate of the cluster, for as long as it asked', async () => {
  await using plane = await controlPlane({ authority });
  await ask(plane, '/O=devs/OU=red/CN=jane', { expirationSeconds: 3600 });
  await decide(plane, 'Approved');
  const csr = await plane.until(requests, 'c', (c) => c?.status?.certificate !== undefined);
  const certificate = new X509Certificate(Buffer.from(csr!.status!.certificate!, 'base64'));
  expect(certificate.verify(createPublicKey(authority.certificatePem))).toBe(true);
  expect(certificate.subject).toBe('O=devs\nOU=red\nCN=jane');
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  const lasting = certificate.validToDate.getTime() - certificate.validFromDate.getTime();
  expect(lasting).toBe(65 * 60_000);
});

test('a request that its signer refuses fails with the reason', async () => {
  await using plane = await controlPlane({ authority });
  await ask(plane, '/CN=jane', { usages: ['server auth'] });
  await decide(plane, 'Approved');
  const csr = await plane.until(requests, 'c', (c) => (c?.status?.conditions?.length ?? 0) > 1);
  expect(csr?.status?.certificate).toBeUndefined();
  expect(csr?.status?.conditions?.[1]).toMatchObject({
    type: 'Failed',
    status: 'True',
    reason: 'SignerValidationFailure',
    message: 'invalid usage for client certificate: server auth',
  });
});

test('a kubelet gets its certificate without a person, once its user may have one', async () => {
  await using plane = await controlPlane({ authority });
  await ask(plane, '/O=system:nodes/CN=system:node:n1', {
    signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
  });
  const { spec } = await plane.client.resource(requests).get({ name: 'c' });
  await plane.client.resource(clusterRoleBindings).create({
    metadata: { name: 'bring-nodes' },
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: spec.username! }],
  });
  const csr = await plane.until(requests, 'c', (c) => c?.status?.certificate !== undefined);
  expect(csr?.status?.conditions).toMatchObject([
    {
      type: 'Approved',
      reason: 'AutoApproved',
      message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
    },
  ]);
});

test('requests that have served their time go', async () => {
  await using plane = await controlPlane({ clock: new ManualClock(), authority });
  const pass = async (minutes: number) => {
    for (let i = 0; i < minutes; i++) await (plane.clock as ManualClock).advance(60_000);
  };
  await ask(plane, '/CN=jane');
  await (plane.clock as ManualClock).advance(23 * 3_600_000);
  expect(plane.informers.of(requests).get('c')).toBeDefined();
  await decide(plane, 'Denied');
  await plane.until(requests, 'c', (c) => c?.status?.conditions?.[0]?.type === 'Denied');
  await pass(58);
  expect(plane.informers.of(requests).get('c')).toBeDefined();
  await pass(4);
  await plane.until(requests, 'c', (c) => c === undefined);
});

/** A user who may write requests' approval and status, and these verbs for these signers. */
async function officer(plane: ControlPlane, verb: 'approve' | 'sign', ...signers: string[]) {
  const group = 'certificates.k8s.io';
  const rules = [
    {
      apiGroups: [group],
      resources: [
        'certificatesigningrequests',
        'certificatesigningrequests/approval',
        'certificatesigningrequests/status',
      ],
      verbs: ['get', 'update', 'patch'],
    },
    { apiGroups: [group], resources: ['signers'], verbs: [verb], resourceNames: signers },
  ];
  const name = `officer-${verb}`;
  await plane.client.resource(clusterRoles).create({ metadata: { name }, rules });
  await plane.client.resource(clusterRoleBindings).create({
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'olga' }],
  });
  return createClient(plane.api.server.transport({ name: 'olga', groups: ['system:authenticated'] })).resource(
    requests,
  );
}

const approved = [{ type: 'Approved', status: 'True', reason: 'Test', message: '' }];

test('who may approve for one signer may not for another, but for all of a domain if told so', async () => {
  await using plane = await controlPlane({ disabled: ['certificatesigningrequest-signing-controller'] });
  const olga = await officer(plane, 'approve', 'example.com/*');
  const mine = await ask(plane, '/CN=jane', { signerName: 'example.com/mine' });
  await olga.updateSubresource({ name: 'c' }, 'approval', { ...mine, status: { conditions: approved } });
  await plane.client.resource(requests).delete({ name: 'c' });
  const cluster = await ask(plane, '/CN=jane');
  await expect(
    olga.updateSubresource({ name: 'c' }, 'approval', { ...cluster, status: { conditions: approved } }),
  ).rejects.toMatchObject({
    code: 403,
    message:
      'certificatesigningrequests.certificates.k8s.io "c" is forbidden: user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"',
  });
});

test('who may sign for one signer may not for another, yet may change what is not the signature', async () => {
  await using plane = await controlPlane();
  const olga = await officer(plane, 'sign', 'example.com/mine');
  await ask(plane, '/CN=jane', { signerName: 'example.com/mine' });
  const certificate = Buffer.from(authority.certificatePem).toString('base64');
  const signed = await olga.mergePatch({ name: 'c' }, { status: { certificate } }, { subresource: 'status' });
  expect(signed.status?.certificate).toBe(certificate);
  await plane.client.resource(requests).delete({ name: 'c' });
  await ask(plane, '/CN=jane', { signerName: 'example.com/theirs' });
  await expect(
    olga.mergePatch({ name: 'c' }, { status: { certificate } }, { subresource: 'status' }),
  ).rejects.toMatchObject({
    code: 403,
    message: expect.stringContaining('user not permitted to sign requests with signerName "example.com/theirs"'),
  });
  const failed = [{ type: 'Failed', status: 'True', reason: 'No', message: '' }];
  await expect(
    olga.mergePatch({ name: 'c' }, { status: { conditions: failed } }, { subresource: 'status' }),
  ).rejects.toMatchObject({ code: 403 });
  const labels = { metadata: { labels: { a: 'b' } } };
  expect((await olga.mergePatch({ name: 'c' }, labels, { subresource: 'status' })).metadata.name).toBe('c');
});

test('nobody asks for a client certificate of system:masters', async () => {
  await using plane = await controlPlane();
  await expect(ask(plane, '/O=system:masters/CN=jane')).rejects.toMatchObject({
    code: 403,
    message:
      'certificatesigningrequests.certificates.k8s.io "c" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
  });
  await ask(plane, '/O=system:masters/CN=jane', { signerName: 'example.com/mine' });
});

test('the certificate of the API server is published as a ClusterTrustBundle where those are served, and former ones go', async () => {
  const server = { apis: servedApis({ runtimeConfig: { 'certificates.k8s.io/v1beta1': true } }) };
  await using plane = await controlPlane({ server, pods: false, caPem: authority.certificatePem });
  const published = await plane.untilAll(clusterTrustBundles, (all) => all.length === 1, '');
  expect(published[0]).toMatchObject({
    metadata: { name: expect.stringMatching(/^kubernetes\.io:kube-apiserver-serving:[0-9a-f]{24}$/) },
    spec: { signerName: 'kubernetes.io/kube-apiserver-serving', trustBundle: authority.certificatePem },
  });
  const resource = plane.client.resource(clusterTrustBundles);
  const former = 'kubernetes.io:kube-apiserver-serving:old';
  await resource.create({ metadata: { name: former }, spec: published[0]!.spec });
  await resource.create({ metadata: { name: 'mine' }, spec: { trustBundle: authority.certificatePem } });
  await resource.delete({ name: published[0]!.metadata.name! });
  const left = await plane.untilAll(
    clusterTrustBundles,
    (all) =>
      all.length === 2 &&
      all.every(({ metadata }) => metadata.name !== former && metadata.uid !== published[0]!.metadata.uid),
    '',
  );
  expect(left.map(({ metadata }) => metadata.name).toSorted()).toEqual(
    [published[0]!.metadata.name, 'mine'].toSorted(),
  );
});

test('requests of pods are removed a quarter of an hour after they were made', async () => {
  const clock = new ManualClock();
  const server = { apis: servedApis({ runtimeConfig: { 'certificates.k8s.io/v1beta1': true } }) };
  await using plane = await controlPlane({ clock, server, pods: false });
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  await plane.client.resource(podCertificateRequests).create({
    metadata: { name: 'r', namespace: 'default' },
    spec: {
      signerName: 'example.com/signer',
      podName: 'p',
      podUID: 'u',
      serviceAccountName: 'default',
      serviceAccountUID: 'u',
      nodeName: 'n',
      nodeUID: 'u',
      pkixPublicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
      proofOfPossession: sign(null, Buffer.from('u'), privateKey).toString('base64'),
      stubPKCS10Request: '',
    },
  });
  await plane.until(podCertificateRequests, 'default/r', (one) => one !== undefined);
  await clock.advance(14 * 60_000);
  expect(plane.informers.of(podCertificateRequests).get('default/r')).toBeDefined();
  const gone = plane.until(podCertificateRequests, 'default/r', (one) => one === undefined);
  let done = false;
  gone.then(() => void (done = true));
  while (!done) await clock.advance(30_000);
});
