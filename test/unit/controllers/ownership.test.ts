import { expect, it } from 'vitest';
import { labelSelectorOf } from '../../../src/api/selector.ts';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import { planClaims } from '../../../src/controllers/ownership.ts';

const reference = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'me', controller: true };
const pod = (name: string, app: string, uid?: string, going = false): Pod => ({
  metadata: {
    name,
    labels: { app },
    ...(uid && { ownerReferences: [{ ...reference, uid }] }),
    ...(going && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
  },
});

const pods = [
  pod('mine', 'web', 'me'),
  pod('strayed', 'other', 'me'),
  pod('orphan', 'web'),
  pod('dying-orphan', 'web', undefined, true),
  pod('foreign', 'web', 'you'),
  pod('unrelated', 'other'),
  pod('mine-dying', 'web', 'me', true),
];
const selector = labelSelectorOf({ matchLabels: { app: 'web' } });
const names = (list: Pod[]) => list.map((p) => p.metadata.name);

it('owns what matches, adopts living orphans that match, releases what strayed', () => {
  const claims = planClaims(pods, { metadata: {}, reference, selector });
  expect(names(claims.owned)).toEqual(['mine', 'mine-dying']);
  expect(names(claims.adopt)).toEqual(['orphan']);
  expect(names(claims.release)).toEqual(['strayed']);
});

it('an owner that is going neither adopts nor releases', () => {
  const claims = planClaims(pods, { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' }, reference, selector });
  expect(names(claims.owned)).toEqual(['mine', 'mine-dying']);
  expect([...claims.adopt, ...claims.release]).toEqual([]);
});

it('what the owner does not accept is neither adopted nor kept', () => {
  const accepts = (object: { metadata?: { name?: string } }) => object.metadata?.name === 'mine';
  const claims = planClaims(pods, { metadata: {}, reference, selector, accepts });
  expect(names(claims.owned)).toEqual(['mine']);
  expect(claims.adopt).toEqual([]);
  expect(names(claims.release)).toEqual(['strayed', 'mine-dying']);
});
