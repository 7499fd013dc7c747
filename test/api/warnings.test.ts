import { expect, test } from 'vitest';
import { warningHeaders } from '../../src/apiserver/warning-headers.ts';
import { httpsApi } from '../kit/https-api.ts';

test('warnings come as headers, with every answer about a resource that is going', async () => {
  await using server = await httpsApi();
  const pods = '/api/v1/namespaces/default/pods';
  const spec = { terminationGracePeriodSeconds: -1, containers: [{ name: 'c', image: 'i' }] };
  const { headers } = await server.post(pods, { metadata: { name: 'a' }, spec });
  expect(headers['warning']).toBe(
    '299 - "spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"',
  );
  const endpoints = await server.ask('/api/v1/namespaces/default/endpoints');
  expect(endpoints.headers['warning']).toBe(
    '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"',
  );
  expect((await server.ask('/api/v1/componentstatuses')).headers['warning']).toBe(
    '299 - "v1 ComponentStatus is deprecated in v1.19+"',
  );
});

test('each warning is said once, quoted, and too many of them are cut', () => {
  expect(warningHeaders(['a "b" \\', 'a "b" \\', ''])).toEqual(['299 - "a \\"b\\" \\\\"']);
  const many = Array.from({ length: 100 }, (_, i) => `${i}`.padEnd(300, 'x'));
  const shown = warningHeaders(many);
  expect(shown).toHaveLength(16);
  expect(shown[0]).toBe(`299 - "${many[0]!.slice(0, 256)}"`);
});

test('AppArmor annotations are taken over into the fields, with a warning', async () => {
  await using server = await httpsApi();
  const key = 'container.apparmor.security.beta.kubernetes.io/c';
  const { headers, json } = await server.post('/api/v1/namespaces/default/pods', {
    metadata: { name: 'a', annotations: { [key]: 'localhost/mine' } },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
  expect(headers['warning']).toBe(
    `299 - "metadata.annotations[${key}]: deprecated since v1.30; use the \\"appArmorProfile\\" field instead"`,
  );
  expect(json).toMatchObject({
    spec: { containers: [{ securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: 'mine' } } }] },
  });
  const other = await server.post('/api/v1/namespaces/default/pods', {
    metadata: { name: 'b' },
    spec: {
      securityContext: { appArmorProfile: { type: 'RuntimeDefault' } },
      containers: [{ name: 'c', image: 'i' }],
    },
  });
  expect(other.json).toMatchObject({ metadata: { annotations: { [key]: 'runtime/default' } } });
});

test('built-in kinds take no finalizers of nobody', async () => {
  await using server = await httpsApi();
  const { json } = await server.post('/api/v1/namespaces/default/configmaps', {
    metadata: { name: 'a', finalizers: ['mine', 'acme.io/mine', 'orphan'] },
  });
  expect(json).toMatchObject({
    code: 422,
    details: {
      causes: [
        {
          field: 'metadata.finalizers[0]',
          message: 'Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
        },
      ],
    },
  });
});
