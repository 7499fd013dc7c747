import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import { servedApis } from '../../src/api/served-apis.ts';
import { SystemClock } from '../../src/base/clock.ts';
import { SystemIds } from '../../src/base/ids.ts';
import { createAuthority, issueClient, lifetime } from '../../src/pki/certificates.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { apiServer, gvr, type TestApi } from '../kit/api-server.ts';

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
