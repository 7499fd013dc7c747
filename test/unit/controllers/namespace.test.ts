import { describe, expect, it } from 'vitest';
import type { ConfigMap, Namespace } from '../../../src/api/types/core-v1.gen.ts';
import { terminatingStatus } from '../../../src/controllers/namespace/plan.ts';
import { planRootCa } from '../../../src/controllers/root-ca/plan.ts';
import { lacksDefaultAccount } from '../../../src/controllers/serviceaccount/plan.ts';

const now = Date.UTC(2026, 0, 1, 12);
const living: Namespace = { metadata: { name: 'shop' }, status: { phase: 'Active' } };
const going: Namespace = { metadata: { name: 'shop', deletionTimestamp: '2026-01-01T00:00:00Z' } };

describe('the status of a namespace that is going', () => {
  const pods = { group: '', resource: 'pods', count: 2, finalizers: new Map([['a/b', 1]]) };
  const sets = { group: 'apps', resource: 'replicasets', count: 1, finalizers: new Map([['a/b', 1]]) };

  it('says Terminating before anything is found out', () => {
    expect(terminatingStatus(living, undefined, now)).toEqual({ phase: 'Terminating' });
  });

  it('tells what is left, in order', () => {
    const status = terminatingStatus(going, { remainders: [sets, pods], failures: [], undiscovered: [] }, now);
    const message = (type: string) => status.conditions?.find((c) => c.type === type)?.message;
    expect(message('NamespaceContentRemaining')).toBe(
      'Some resources are remaining: pods. has 2 resource instances, replicasets.apps has 1 resource instances',
    );
    expect(message('NamespaceFinalizersRemaining')).toBe(
      'Some content in the namespace has finalizers remaining: a/b in 2 resource instances',
    );
    expect(status.conditions?.map((c) => c.status)).toEqual(['False', 'False', 'False', 'True', 'True']);
  });

  it('keeps transition times while only the text changes, and settles', () => {
    const first = terminatingStatus(going, { remainders: [pods], failures: [], undiscovered: [] }, now);
    const fewer = { ...pods, count: 1 };
    const second = terminatingStatus(
      { ...going, status: first },
      { remainders: [fewer], failures: [], undiscovered: [] },
      now + 60_000,
    );
    expect(second.conditions?.map((c) => c.lastTransitionTime)).toEqual(
      first.conditions?.map((c) => c.lastTransitionTime),
    );
    const third = terminatingStatus(
      { ...going, status: second },
      { remainders: [fewer], failures: [], undiscovered: [] },
      now + 90_000,
    );
    expect(third).toEqual(second);
    const done = terminatingStatus(
      { ...going, status: second },
      { remainders: [], failures: [], undiscovered: [] },
      now + 90_000,
    );
    expect(done.conditions?.every((c) => c.status === 'False')).toBe(true);
  });

  it('says which groups could not be discovered', () => {
    const undiscovered = ['a.org/v1', 'b.org/v1beta1'];
    const status = terminatingStatus(going, { remainders: [], failures: [], undiscovered }, now);
    expect(status.conditions![0]).toMatchObject({
      type: 'NamespaceDeletionDiscoveryFailure',
      status: 'True',
      reason: 'DiscoveryFailed',
      message:
        'Discovery failed for some groups, 2 failing: unable to retrieve the complete list of server APIs: a.org/v1: stale GroupVersion discovery: a.org/v1, b.org/v1beta1: stale GroupVersion discovery: b.org/v1beta1',
    });
  });

  it('names failed deletions', () => {
    const status = terminatingStatus(going, { remainders: [], failures: ['no'], undiscovered: [] }, now);
    expect(status.conditions?.find((c) => c.type === 'NamespaceDeletionContentFailure')).toMatchObject({
      status: 'True',
      reason: 'ContentDeletionFailed',
    });
  });
});

describe('what every namespace has', () => {
  it('a default account unless it is going', () => {
    expect(lacksDefaultAccount(living, undefined)).toBe(true);
    expect(lacksDefaultAccount(living, { metadata: { name: 'default' } })).toBe(false);
    expect(lacksDefaultAccount(going, undefined)).toBe(false);
    expect(lacksDefaultAccount(undefined, undefined)).toBe(false);
  });

  it('the CA, put back where it was changed, other data removed', () => {
    const plan = planRootCa(living, undefined, 'PEM');
    const made = (plan as { create: ConfigMap }).create;
    expect(made).toMatchObject({
      metadata: { name: 'kube-root-ca.crt', namespace: 'shop' },
      data: { 'ca.crt': 'PEM' },
    });
    expect(planRootCa(living, made, 'PEM')).toBeUndefined();
    expect(planRootCa(living, { ...made, data: { 'ca.crt': 'PEM', more: 'x' } }, 'PEM')).toMatchObject({
      update: { data: { 'ca.crt': 'PEM' } },
    });
    expect(planRootCa(living, made, 'NEW')).toMatchObject({ update: { data: { 'ca.crt': 'NEW' } } });
    expect(planRootCa(going, undefined, 'PEM')).toBeUndefined();
  });
});
