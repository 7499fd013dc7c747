import { describe, expect, test } from 'vitest';
import type { Pod, PodSpec, Secret, ServiceAccount } from '../../../src/api/types/core-v1.gen.ts';
import { mounts, planCleanUp } from '../../../src/controllers/legacy-serviceaccount-token-cleaner/plan.ts';
import { filled, isFor, missingOf, withoutMention } from '../../../src/controllers/serviceaccount-token/plan.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const account: ServiceAccount = {
  metadata: { name: 'bot', namespace: 'default', uid: 'u1' },
  secrets: [{ name: 's' }],
};
const secret = (metadata: Secret['metadata'] = {}, data?: Record<string, string>): Secret => ({
  type: 'kubernetes.io/service-account-token',
  metadata: {
    name: 's',
    namespace: 'default',
    creationTimestamp: '2024-01-01T00:00:00Z',
    annotations: { 'kubernetes.io/service-account.name': 'bot' },
    ...metadata,
  },
  ...(data && { data }),
});

describe('a Secret for a token', () => {
  const whole = { token: base64('t'), namespace: base64('default'), 'ca.crt': base64('ca') };

  test.each<[string, Record<string, string> | undefined, unknown]>([
    ['lacks nothing', whole, undefined],
    ['lacks everything', undefined, { token: true, data: { namespace: whole.namespace, 'ca.crt': whole['ca.crt'] } }],
    ['has an old CA', { ...whole, 'ca.crt': base64('old') }, { token: false, data: { 'ca.crt': whole['ca.crt'] } }],
  ])('%s', (_, data, expected) => {
    expect(missingOf(secret({}, data), 'ca')).toEqual(expected);
  });

  test('is filled, and says whose it is', () => {
    const full = filled(secret({}, { mine: 'x' }), account, missingOf(secret(), 'ca')!, 'token');
    expect(full.data).toEqual({
      mine: 'x',
      token: base64('token'),
      namespace: whole.namespace,
      'ca.crt': whole['ca.crt'],
    });
    expect(full.metadata.annotations).toEqual({
      'kubernetes.io/service-account.name': 'bot',
      'kubernetes.io/service-account.uid': 'u1',
    });
  });

  test('is for one account, not for a later one of its name', () => {
    const of = (uid: string) =>
      isFor(
        secret({
          annotations: { 'kubernetes.io/service-account.name': 'bot', 'kubernetes.io/service-account.uid': uid },
        }),
        account,
      );
    expect([isFor(secret(), account), of('u1'), of('u0')]).toEqual([true, true, false]);
  });

  test('that is gone is mentioned no more', () => {
    expect(withoutMention(account, 's')?.secrets).toEqual([]);
    expect(withoutMention(account, 'other')).toBeUndefined();
  });
});

describe('a token that nobody uses', () => {
  const day = 24 * 3600_000;
  const at = (text: string) => Date.parse(text);
  const plan = (of: Secret, now: string, pods: Pod[] = [], who: ServiceAccount | undefined = account) =>
    planCleanUp(of, '2024-01-01', { account: who, pods: () => pods }, at(now));
  const labelled = (labels: Record<string, string>) => secret({ labels });
  const user: Pod = { metadata: {}, spec: { containers: [], volumes: [{ name: 'v', secret: { secretName: 's' } }] } };

  test('is marked after a year, and removed after another', () => {
    expect(plan(secret(), '2024-12-31T00:00:00Z')).toEqual({ do: 'wait', ms: day });
    expect(plan(secret(), '2025-01-01T00:00:00Z')).toEqual({ do: 'mark', day: '2025-01-01' });
    const marked = labelled({ 'kubernetes.io/legacy-token-invalid-since': '2025-01-01' });
    expect(plan(marked, '2025-12-31T00:00:00Z')).toEqual({ do: 'wait', ms: 2 * day });
    expect(plan(marked, '2026-01-02T00:00:00Z')).toEqual({ do: 'remove' });
  });

  test('has its time anew with every use', () => {
    const used = labelled({ 'kubernetes.io/legacy-token-last-used': '2024-06-30' });
    expect(plan(used, '2025-06-30T00:00:00Z')).toEqual({ do: 'wait', ms: day });
    expect(plan(used, '2025-07-01T00:00:00Z')).toMatchObject({ do: 'mark' });
  });

  test('stays when it cannot be told, when a user made it, and as long as a pod names it', () => {
    const late = '2030-01-01T00:00:00Z';
    expect(plan(labelled({ 'kubernetes.io/legacy-token-last-used': 'long ago' }), late)).toEqual({ do: 'keep' });
    expect(plan(secret(), late, [], { ...account, secrets: [] })).toEqual({ do: 'keep' });
    expect(planCleanUp(secret(), '2024-01-01', { account: undefined, pods: () => [] }, at(late))).toEqual({
      do: 'keep',
    });
    expect(plan(secret(), late, [user])).toEqual({ do: 'wait', ms: day });
    expect(planCleanUp(secret(), undefined, { account, pods: () => [] }, at(late))).toEqual({ do: 'keep' });
  });

  test.each<[string, Partial<PodSpec>]>([
    ['a volume', { volumes: [{ name: 'v', secret: { secretName: 's' } }] }],
    ['a projected volume', { volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 's' } }] } }] }],
    ['a pull secret', { imagePullSecrets: [{ name: 's' }] }],
    [
      'a variable',
      { initContainers: [{ name: 'c', env: [{ name: 'E', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }] },
    ],
    ['all variables', { containers: [{ name: 'c', envFrom: [{ secretRef: { name: 's' } }] }] }],
  ])('is named by a pod in %s', (_, spec) => {
    const pod: Pod = { metadata: {}, spec: { containers: [], ...spec } };
    expect([mounts(pod, 's'), mounts(pod, 'other')]).toEqual([true, false]);
  });
});
