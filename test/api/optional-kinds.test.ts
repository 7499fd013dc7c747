import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import { servedApis } from '../../src/api/served-apis.ts';
import { SystemClock } from '../../src/base/clock.ts';
import { SystemIds } from '../../src/base/ids.ts';
import { createAuthority, issueClient, lifetime } from '../../src/pki/certificates.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { type PemBlock, pemBlocks } from '../../src/pki/pem.ts';
import { apiServer, gvr, type TestApi } from '../kit/api-server.ts';
import { pkcs10 } from '../kit/pkcs10.ts';

/** Kinds of v1.36 that are served only where they are switched on. */
const api = () =>
  apiServer({ server: { apis: servedApis({ legacyApis: false, runtimeConfig: { 'api/all': true } }) } });

const causesOf = (call: Promise<unknown>): Promise<string[]> =>
  call.then(
    () => [],
    (error: { status: { details?: { causes?: { field: string; message: string }[] } } }) =>
      (error.status.details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`),
  );

describe('LeaseCandidates', () => {
  const path = 'coordination.k8s.io/v1beta1/leasecandidates';
  const candidate = (spec: object, name = 'a') => ({ metadata: { name }, spec });
  const good = {
    leaseName: 'scheduler',
    binaryVersion: '1.36.0',
    emulationVersion: '1.35.0',
    strategy: 'OldestEmulationVersion',
  };
  const create = (server: TestApi, spec: object) => server.call('create', path, { object: candidate(spec) });

  test('say which versions somebody who wants a lease can do, in both served versions', async () => {
    await using server = await api();
    await create(server, good);
    const alpha = await server.call('get', 'coordination.k8s.io/v1alpha2/leasecandidates', { name: 'a' });
    expect(alpha).toMatchObject({ apiVersion: 'coordination.k8s.io/v1alpha2', spec: good });
  });

  test('are refused in upstream words, and keep their lease', async () => {
    await using server = await api();
    expect(await causesOf(create(server, {}))).toEqual([
      'spec.leaseName: Required value',
      'spec.binaryVersion: Required value',
      'spec.strategy: Required value',
    ]);
    const bad = { leaseName: 'l', binaryVersion: '1.2', emulationVersion: 'v1.2.3', strategy: 'Mine' };
    expect(await causesOf(create(server, bad))).toEqual([
      'spec.emulationVersion: Invalid value: "v1.2.3": must be a valid semantic version',
      'spec.binaryVersion: Invalid value: "1.2": must be a valid semantic version',
      'spec.strategy.strategy: Unsupported value: "Mine": supported values: "OldestEmulationVersion"',
    ]);
    expect(await causesOf(create(server, { ...good, binaryVersion: '1.34.9' }))).toEqual([
      'spec.binaryVersion: Invalid value: "1.34.9": must be greater than or equal to `emulationVersion`',
    ]);
    expect(await causesOf(create(server, { ...good, emulationVersion: '' }))).toEqual([
      "spec.emulationVersion: Required value: must be specified when `strategy` is 'OldestEmulationVersion'",
    ]);
    const made = await create(server, good);
    const other = server.call('update', path, {
      name: 'a',
      object: { ...made, spec: { ...good, leaseName: 'other' } } as KubeObject,
    });
    expect(await causesOf(other)).toEqual(['spec.leaseName: Invalid value: "other": field is immutable']);
  });
});

describe('ClusterTrustBundles', () => {
  const path = 'certificates.k8s.io/v1beta1/clustertrustbundles';
  const create = (server: TestApi, name: string, spec: object) =>
    server.call('create', path, { namespace: '', object: { metadata: { name }, spec } });

  async function certificates() {
    const valid = lifetime(new SystemClock().wall(), 1);
    const ids = new SystemIds();
    const authority = await createAuthority('ca', generateKey(), valid, ids);
    const key = generateKey();
    const client = await issueClient(authority, { commonName: 'jane' }, key, valid, ids);
    return { ca: authority.certificatePem, client };
  }

  test('hold certificates of authorities, each once, and are named after their signer', async () => {
    await using server = await api();
    const { ca, client } = await certificates();
    expect(await causesOf(create(server, 'a', { trustBundle: '' }))).toEqual([
      'spec.trustBundle: Invalid value: "<value omitted>": at least one trust anchor must be provided',
    ]);
    expect(
      await causesOf(create(server, 'a', { trustBundle: `${ca}${client}${ca.replaceAll('CERTIFICATE', 'KEY')}` })),
    ).toEqual([
      'spec.trustBundle: Invalid value: "<value omitted>": entry 1 does not have the CA bit set',
      'spec.trustBundle: Invalid value: "<value omitted>": entry 2 has bad block type: KEY',
    ]);
    expect(await causesOf(create(server, 'a', { trustBundle: `${ca}\n${ca}` }))).toEqual([
      'spec.trustBundle: Invalid value: "<value omitted>": duplicate trust anchor (indices [0 1])',
    ]);
    expect(await causesOf(create(server, 'a:b', { trustBundle: ca }))).toEqual([
      'metadata.name: Invalid value: "a:b": ClusterTrustBundle without signer name must not have ":" in its name',
    ]);
    expect(await causesOf(create(server, 'a', { signerName: 'example.com/s', trustBundle: ca }))).toEqual([
      'metadata.name: Invalid value: "a": ClusterTrustBundle for signerName example.com/s must be named with prefix example.com:s:',
    ]);
    const made = await create(server, 'example.com:s:1', { signerName: 'example.com/s', trustBundle: ca });
    const change = (spec: object) =>
      server.call('update', path, {
        namespace: '',
        name: 'example.com:s:1',
        object: { ...made, spec: { ...(made['spec'] as object), ...spec } } as KubeObject,
      });
    expect(await causesOf(change({ signerName: 'example.com/t' }))).toContain(
      'spec.signerName: Invalid value: "example.com/t": field is immutable',
    );
    const found = await server.list(path, { fieldSelector: 'spec.signerName=example.com/s' }, '');
    expect(found.items).toHaveLength(1);
    expect(await server.list(path, { fieldSelector: 'spec.signerName=example.com/t' }, '')).toMatchObject({
      items: [],
    });
  });

  test('of a signer are written by those only who may attest for it', async () => {
    await using server = await api();
    const { ca } = await certificates();
    const role = {
      metadata: { name: 'bundles' },
      rules: [{ apiGroups: ['certificates.k8s.io'], resources: ['clustertrustbundles'], verbs: ['*'] }],
    };
    const attest = { apiGroups: ['certificates.k8s.io'], resources: ['signers'], verbs: ['attest'] };
    const rbac = 'rbac.authorization.k8s.io/v1';
    await server.call('create', `${rbac}/clusterroles`, { namespace: '', object: role });
    await server.call('create', `${rbac}/clusterrolebindings`, {
      namespace: '',
      object: {
        metadata: { name: 'bundles' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'bundles' },
        subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'jane' }],
      },
    });
    const asJane = server.server.transport({ name: 'jane', groups: ['system:authenticated'] });
    const write = (name: string, spec: object) =>
      asJane.call({
        verb: 'create',
        resource: gvr(path),
        object: { metadata: { name }, spec } as unknown as KubeObject,
      });
    await write('plain', { trustBundle: ca });
    const signed = { signerName: 'example.com/s', trustBundle: ca };
    await expect(write('example.com:s:1', signed)).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining('user not permitted to attest for signerName "example.com/s"'),
    });
    const allowed = { ...role, rules: [...role.rules, { ...attest, resourceNames: ['example.com/*'] }] };
    await server.call('update', `${rbac}/clusterroles`, { namespace: '', name: 'bundles', object: allowed });
    await write('example.com:s:1', signed);
  });
});

test('a claim of resource.k8s.io/v1beta1 is the one of v1, with its defaults and in its table', async () => {
  await using server = await api();
  const request = () => ({ name: 'gpu', deviceClassName: 'gpu.example.com' });
  const made = await server.call('create', 'resource.k8s.io/v1beta1/resourceclaims', {
    object: { metadata: { name: 'c' }, spec: { devices: { requests: [request()] } } },
  });
  const defaults = { allocationMode: 'ExactCount', count: 1 };
  expect(made).toMatchObject({
    apiVersion: 'resource.k8s.io/v1beta1',
    spec: { devices: { requests: [{ ...request(), ...defaults }] } },
  });
  expect(await server.call('get', 'resource.k8s.io/v1/resourceclaims', { name: 'c' })).toMatchObject({
    spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu.example.com', ...defaults } }] } },
  });
  const refused = server.call('create', 'resource.k8s.io/v1beta1/resourceclaims', {
    object: { metadata: { name: 'd' }, spec: { devices: { requests: [{ name: 'gpu' }] } } },
  });
  expect(await causesOf(refused)).toEqual([
    'spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required',
  ]);
});

describe('PodCertificateRequests', () => {
  const path = 'certificates.k8s.io/v1beta1/podcertificaterequests';
  const clock = new SystemClock();
  const server = () =>
    apiServer({ clock, server: { apis: servedApis({ runtimeConfig: { 'certificates.k8s.io/v1beta1': true } }) } });
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const der = (key: KeyObject) => key.export({ type: 'spki', format: 'der' }).toString('base64');
  const spec = (fields: object = {}) => ({
    signerName: 'example.com/signer',
    podName: 'p',
    podUID: 'uid-p',
    serviceAccountName: 'default',
    serviceAccountUID: 'uid-sa',
    nodeName: 'n',
    nodeUID: 'uid-n',
    pkixPublicKey: der(pair.publicKey),
    proofOfPossession: sign('sha256', Buffer.from('uid-p'), pair.privateKey).toString('base64'),
    ...fields,
  });
  const create = (api: TestApi, fields: object = {}, name = 'r') =>
    api.call('create', path, { object: { metadata: { name }, spec: spec(fields) } });
  const answer = (api: TestApi, made: KubeObject, status: object) =>
    api.call('update', path, { name: 'r', subresource: 'status', object: { ...made, status } });
  const condition = (type: string, status = 'True') => ({
    type,
    status,
    reason: 'R',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });

  async function issued(hours = 24, key = pair.publicKey) {
    const ids = new SystemIds();
    const authority = await createAuthority('ca', generateKey(), lifetime(clock.wall(), 30), ids);
    // Certificates know no fractions of a second.
    const from = Math.floor(clock.wall() / 1000) * 1000;
    const valid = { notBefore: from, notAfter: from + hours * 3_600_000 };
    const certificateChain = await issueClient(authority, { commonName: 'p' }, key, valid, ids);
    const time = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
    return {
      conditions: [condition('Issued')],
      certificateChain,
      notBefore: time(from),
      notAfter: time(from + hours * 3_600_000),
      beginRefreshAt: time(from + 1_800_000),
    };
  }

  test('prove that who asks has the key, for a day unless it is said for how long', async () => {
    await using api = await server();
    expect(await create(api)).toMatchObject({ spec: { maxExpirationSeconds: 86_400 } });
    const rsa = generateKeyPairSync('rsa', { modulusLength: 3072 });
    const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_MAX_SIGN };
    const proof = sign('sha256', Buffer.from('uid-p'), { key: rsa.privateKey, ...padding }).toString('base64');
    await create(api, { pkixPublicKey: der(rsa.publicKey), proofOfPossession: proof }, 'rsa');
    const edwards = generateKeyPairSync('ed25519');
    const signed = sign(null, Buffer.from('uid-p'), edwards.privateKey).toString('base64');
    await create(api, { pkixPublicKey: der(edwards.publicKey), proofOfPossession: signed }, 'ed25519');
    const [{ der: stubDer }] = pemBlocks(pkcs10('/')) as [PemBlock];
    const stub = stubDer.toString('base64');
    const none = { pkixPublicKey: undefined, proofOfPossession: undefined };
    await create(api, { ...none, stubPKCS10Request: stub }, 'stub');
    expect(await causesOf(create(api, { stubPKCS10Request: stub }, 'both'))).toEqual([
      'spec.pkixPublicKey: Forbidden: must be empty when `stubPKCS10Request` is set',
      'spec.proofOfPossession: Forbidden: must be empty when `stubPKCS10Request` is set',
    ]);
    const listed = await api.list(path, { fieldSelector: 'spec.podName=p,spec.nodeName=n' });
    expect(listed.items).toHaveLength(4);
  });

  test('are refused in upstream words', async () => {
    await using api = await server();
    expect(await causesOf(create(api, { podUID: 'other' }))).toEqual([
      'spec.proofOfPossession: Invalid value: could not verify proof-of-possession signature',
    ]);
    expect(await causesOf(create(api, { pkixPublicKey: 'AAAA' }))).toEqual([
      'spec.pkixPublicKey: Invalid value: "AAAA": must be a valid PKIX-serialized public key',
    ]);
    const weak = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(await causesOf(create(api, { pkixPublicKey: der(weak.publicKey) }))).toEqual([
      'spec.pkixPublicKey: Invalid value: "2048-bit modulus": RSA keys must have modulus size 3072 or 4096',
    ]);
    expect(await causesOf(create(api, { maxExpirationSeconds: 60, podName: 'P', nodeUID: '' }))).toEqual([
      expect.stringMatching(/^spec.podName: Invalid value: "P": a lowercase RFC 1123 subdomain/),
      'spec.nodeUID: Invalid value: "": must not be empty',
      'spec.maxExpirationSeconds: Invalid value: 60: must be in the range [3600, 7862400]',
    ]);
    const own = { signerName: 'kubernetes.io/kube-apiserver-client-pod', maxExpirationSeconds: 100_000 };
    expect(await causesOf(create(api, own))).toEqual([
      'spec.maxExpirationSeconds: Invalid value: 100000: must be in the range [3600, 86400]',
    ]);
  });

  test('are answered once, with a certificate for their key that is theirs for long enough', async () => {
    await using api = await server();
    const made = await create(api);
    const good = await issued();
    const refused = (status: object) => causesOf(answer(api, made, status));
    expect(await refused({ ...good, conditions: [] })).toEqual([
      'status: Invalid value: status is immutable unless transitioning to "Issued", "Denied", or "Failed"',
    ]);
    expect(await refused({ ...good, conditions: [condition('Denied')] })).toEqual([
      'status: Invalid value: non-condition status fields must be empty when denying or failing the PodCertificateRequest',
    ]);
    expect(await refused({ conditions: [condition('Ready'), condition('Failed', 'False')] })).toEqual([
      'status.conditions.[0].type: Unsupported value: "Ready": supported values: "Denied", "Failed", "Issued"',
      'status.conditions.[1].status: Unsupported value: "False": supported values: "True"',
    ]);
    expect(await refused({ conditions: good.conditions })).toEqual([
      'status.certificateChain: Invalid value: "": issued certificate chain must contain at least one certificate',
    ]);
    const foreign = await refused(await issued(24, generateKey()));
    expect(foreign).toEqual([expect.stringContaining('leaf certificate was not issued to the requested public key')]);
    expect(await refused({ ...good, beginRefreshAt: good.notBefore })).toEqual([
      expect.stringContaining('must be at least 10 minutes after status.notBefore'),
    ]);
    expect(await refused({ ...good, notAfter: undefined })).toEqual([
      'status.notAfter: Required value: must be present and consistent with the issued certificate',
    ]);
    expect(await refused(await issued(48))).toEqual([
      'status.certificateChain: Invalid value: "172800s": leaf certificate lifetime must be <= spec.maxExpirationSeconds (86400)',
    ]);
    const done = await answer(api, made, good);
    expect(done).toMatchObject({ status: { certificateChain: good.certificateChain } });
    expect(await causesOf(answer(api, done, { conditions: [condition('Failed')] }))).toEqual([
      'status: Invalid value: immutable after PodCertificateRequest is issued, denied, or failed',
    ]);
    const other = { ...done, spec: { ...(done['spec'] as object), podName: 'q' } };
    expect(await causesOf(api.call('update', path, { name: 'r', object: other as KubeObject }))).toEqual([
      expect.stringMatching(/^spec: Invalid value: .*field is immutable$/),
    ]);
  });

  test('are answered by those only who may sign for their signer', async () => {
    await using api = await server();
    const made = await create(api);
    const rbac = 'rbac.authorization.k8s.io/v1';
    await api.call('create', `${rbac}/clusterroles`, {
      namespace: '',
      object: {
        metadata: { name: 'signer' },
        rules: [{ apiGroups: ['certificates.k8s.io'], resources: ['podcertificaterequests/status'], verbs: ['*'] }],
      },
    });
    await api.call('create', `${rbac}/clusterrolebindings`, {
      namespace: '',
      object: {
        metadata: { name: 'signer' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'signer' },
        subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'jane' }],
      },
    });
    const denied = api.server.transport({ name: 'jane', groups: ['system:authenticated'] }).call({
      verb: 'update',
      resource: gvr(path),
      namespace: 'default',
      name: 'r',
      subresource: 'status',
      object: { ...made, status: { conditions: [condition('Denied')] } } as KubeObject,
    });
    await expect(denied).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining('User "jane" is not permitted to "sign" for signer "example.com/signer"'),
    });
  });
});
