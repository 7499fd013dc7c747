import { expect, test } from 'vitest';
import type { AdmissionRequest } from '../../../../../src/apiserver/admission/admission.ts';
import { resourceQuota } from '../../../../../src/apiserver/admission/resource-quota/plugin.ts';
import { SystemClock } from '../../../../../src/base/clock.ts';
import { SystemIds } from '../../../../../src/base/ids.ts';
import { createMemoryStore } from '../../../../../src/store/memory-store.ts';
import type { Store } from '../../../../../src/store/store.ts';

const clock = new SystemClock();
const key = { resource: 'resourcequotas', namespace: 'default', name: 'q' };
const hard = { pods: '2' };

async function withQuota(status: object): Promise<Store> {
  const store = createMemoryStore({ clock, ids: new SystemIds() });
  const metadata = { namespace: 'default', name: 'q', uid: 'u' };
  await store.create(key, { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard }, status } as never);
  return store;
}

const create = (name: string, more: Partial<AdmissionRequest> = {}): AdmissionRequest =>
  ({
    operation: 'CREATE',
    served: { group: '', resource: 'pods', qualified: 'pods' },
    subresource: '',
    namespace: 'default',
    name,
    object: { metadata: { name }, spec: { containers: [{ name: 'c' }] } },
    old: undefined,
    ...more,
  }) as unknown as AdmissionRequest;

const usedIn = (store: Store) => (store.head(key)?.object['status'] as { used?: unknown } | undefined)?.used;

test('what is held is used for everybody else, until it is given back or booked', async () => {
  const store = await withQuota({ hard, used: { pods: '0' } });
  const charge = resourceQuota(store, clock).charge!;
  const [first, second] = [charge(create('a')), charge(create('b'))];
  expect(() => charge(create('c'))).toThrow(
    'pods "c" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2',
  );
  first?.release();
  const third = charge(create('c'));
  await Promise.all([second?.settle(), third?.settle()]);
  expect(usedIn(store)).toEqual({ pods: '2' });
  // Settled charges cannot be given back.
  second?.release();
  expect(() => charge(create('d'))).toThrow('used: pods=2');
  await store.close();
});

test('a quota that has been deleted and made again is not charged for its namesake', async () => {
  const store = await withQuota({ hard, used: { pods: '0' } });
  const held = resourceQuota(store, clock).charge!(create('a'));
  await store.delete(key, store.head(key)!.revision);
  const metadata = { namespace: 'default', name: 'q', uid: 'other' };
  const status = { hard, used: { pods: '0' } };
  await store.create(key, { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard }, status } as never);
  await held?.settle();
  expect(usedIn(store)).toEqual({ pods: '0' });
  await store.close();
});

test('a quota that has not been counted yet says so; one that limits nothing yet lets pass', async () => {
  const uncounted = await withQuota({ hard });
  expect(() => resourceQuota(uncounted, clock).charge!(create('a'))).toThrow(
    'pods "a" is forbidden: status unknown for quota: q, resources: pods',
  );
  const fresh = await withQuota({});
  expect(resourceQuota(fresh, clock).charge!(create('a'))).toBeUndefined();
  await Promise.all([uncounted.close(), fresh.close()]);
});

test.each<[string, Partial<AdmissionRequest>]>([
  ['another namespace', { namespace: 'other' }],
  ['no namespace', { namespace: '' }],
  ['a kind that is not limited', { served: { group: '', resource: 'secrets', qualified: 'secrets' } as never }],
  ['an update of a pod', { operation: 'UPDATE' }],
  ['a subresource', { subresource: 'binding' }],
])('%s is not charged', async (_, more) => {
  const store = await withQuota({ hard, used: { pods: '2' } });
  expect(resourceQuota(store, clock).charge!(create('a', more))).toBeUndefined();
  await store.close();
});
