import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { define } from '../kit/custom-resources.ts';
import { type HttpsApi, httpsApi } from '../kit/https-api.ts';
import { readProtobuf } from '../kit/protobuf.ts';

/** What upstream's conformance tests ask for, shaped as they do. */

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** A resource that each group must have. */
const expected = `
  v1 namespaces
  admissionregistration.k8s.io/v1 validatingwebhookconfigurations
  apiextensions.k8s.io/v1 customresourcedefinitions
  apps/v1 deployments
  authentication.k8s.io/v1 tokenreviews
  authorization.k8s.io/v1 selfsubjectaccessreviews
  autoscaling/v1 horizontalpodautoscalers
  autoscaling/v2 horizontalpodautoscalers
  batch/v1 jobs
  certificates.k8s.io/v1 certificatesigningrequests
  coordination.k8s.io/v1 leases
  discovery.k8s.io/v1 endpointslices
  events.k8s.io/v1 events
  networking.k8s.io/v1 ingresses
  node.k8s.io/v1 runtimeclasses
  policy/v1 poddisruptionbudgets
  scheduling.k8s.io/v1 priorityclasses
  storage.k8s.io/v1 csinodes`
  .trim()
  .split('\n')
  .map((line) => line.trim());

interface ResponseKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

interface Discovered {
  readonly resource: string;
  readonly responseKind: ResponseKind;
  readonly subresources?: readonly { readonly subresource: string; readonly responseKind: ResponseKind }[];
}

interface DiscoveryList {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly { readonly version: string; readonly resources: readonly Discovered[] }[];
  }[];
}

async function discovered(https: HttpsApi, accept = aggregated): Promise<Map<string, Discovered>> {
  const found = new Map<string, Discovered>();
  for (const path of ['/api', '/apis']) {
    const { items } = (await https.ask(path, { headers: { accept } })).json as unknown as DiscoveryList;
    for (const { metadata, versions } of items)
      for (const { version, resources } of versions)
        for (const resource of resources)
          found.set(`${metadata.name ? `${metadata.name}/` : ''}${version} ${resource.resource}`, resource);
  }
  return found;
}

test('discovery as a whole holds every group, in both of its versions and whoever is asked', async () => {
  await using https = await httpsApi();
  const all = await discovered(https);
  expect([...all.keys()]).toEqual(expect.arrayContaining(expected));
  expect(await discovered(https, `${aggregated};profile=nopeer`)).toEqual(all);
  expect(await discovered(https, aggregated.replace('v=v2', 'v=v2beta1'))).toEqual(all);
  expect(await discovered(https, `application/json,${aggregated}`)).toEqual(all);
  const deployments = all.get('apps/v1 deployments')!;
  expect(deployments.responseKind).toEqual({ group: '', version: '', kind: 'Deployment' });
  expect(deployments.subresources).toMatchObject([
    { subresource: 'scale', responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' } },
    { subresource: 'status', responseKind: { group: '', version: '', kind: 'Deployment' } },
  ]);
});

test('a custom resource is discovered, and says what it is stored as', async () => {
  await using https = await httpsApi();
  await define(https.api);
  expect([...(await discovered(https)).keys()]).toContain('stable.example.com/v1 crontabs');
  const { resources } = (await https.ask('/apis/stable.example.com/v1')).json as unknown as { resources: object[] };
  const hash = createHash('sha256').update('stable.example.com/v1/CronTab').digest().subarray(0, 8).toString('base64');
  expect(resources).toMatchObject([{ name: 'crontabs', storageVersionHash: hash }]);
});

test('each group prefers one of its versions, and each version lists what it has', async () => {
  await using https = await httpsApi();
  const { groups } = (await https.ask('/apis/')).json as unknown as { groups: { name: string }[] };
  for (const { name } of groups) {
    const group = (await https.ask(`/apis/${name}/`)).json as unknown as {
      preferredVersion: object;
      versions: { groupVersion: string }[];
    };
    expect(group.versions).toContainEqual(group.preferredVersion);
  }
  for (const [groupVersion, resource] of expected.map((line) => line.split(' ') as [string, string])) {
    const list = await https.ask(`${groupVersion === 'v1' ? '/api' : '/apis'}/${groupVersion}`);
    expect(list.json).toMatchObject({ groupVersion, resources: expect.anything() });
    expect(list.text).toContain(`"name":"${resource}"`);
  }
});

test.each(['/api', '/apis', '/api/v1', '/apis/apps', '/apis/apps/v1'])(
  '%s is told as JSON, YAML and protobuf',
  async (path) => {
    await using https = await httpsApi();
    const as = (type: string) => https.ask(path, { headers: { accept: type } });
    const { kind } = (await as('application/json')).json as unknown as { kind: string };
    expect((await as('application/yaml')).text).toContain(`kind: ${kind}\n`);
    const protobuf = await as('application/vnd.kubernetes.protobuf');
    expect(protobuf.headers['content-type']).toBe('application/vnd.kubernetes.protobuf');
    expect(protobuf.bytes.toString('latin1')).toContain(kind);
    expect((await as('text/html')).code).toBe(406);
    expect((await as(aggregated.replace('v=v2', 'v=v9'))).code).toBe(406);
  },
);

test('discovery as a whole has a protobuf form', async () => {
  await using https = await httpsApi();
  const accept = aggregated.replace('json', 'vnd.kubernetes.protobuf');
  const answer = await https.ask('/apis', { headers: { accept } });
  expect(answer.headers['content-type']).toBe(accept);
  const { items } = readProtobuf(answer.bytes) as unknown as DiscoveryList;
  expect(items.map(({ metadata }) => metadata.name)).toContain('apps');
});

test('the version of the server is two numbers', async () => {
  await using https = await httpsApi();
  const { major, minor } = (await https.ask('/version')).json as unknown as { major: string; minor: string };
  expect(major).toMatch(/^[1-9]$/);
  expect(minor).toMatch(/^[0-9]+$/);
});
