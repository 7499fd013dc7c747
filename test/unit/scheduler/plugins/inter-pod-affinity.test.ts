import { describe, expect, test } from 'vitest';
import type { Affinity, PodAffinityTerm } from '../../../../src/api/types/core-v1.gen.ts';
import { interPodAffinity } from '../../../../src/scheduler/plugins/inter-pod-affinity.ts';
import { filtered, type PodFields, scored } from '../kit.ts';

const zone = 'topology.kubernetes.io/zone';
const term = (app: string, more: Partial<PodAffinityTerm> = {}): PodAffinityTerm => ({
  topologyKey: zone,
  labelSelector: { matchLabels: { app } },
  ...more,
});
const near = (...terms: PodAffinityTerm[]): { affinity: Affinity } => ({
  affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
});
const apart = (...terms: PodAffinityTerm[]): { affinity: Affinity } => ({
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
});
const nodes = (pods: PodFields[]) => [
  { name: 'a1', labels: { [zone]: 'a' }, pods },
  { name: 'a2', labels: { [zone]: 'a' } },
  { name: 'b1', labels: { [zone]: 'b' } },
  { name: 'none' },
];
const db = { labels: { app: 'db' } };
const lonely = "node(s) didn't match pod affinity rules (unresolvable)";

describe('filter', () => {
  test('affinity reaches the whole topology of a matching pod', () => {
    expect(filtered(interPodAffinity, near(term('db')), nodes([db]))).toEqual({
      a1: 'ok',
      a2: 'ok',
      b1: lonely,
      none: lonely,
    });
  });
  test('matching pods of other namespaces count only where the term names them', () => {
    const foreign = { ...db, namespace: 'other' };
    expect(filtered(interPodAffinity, near(term('db')), nodes([foreign]))['a1']).toBe(lonely);
    expect(filtered(interPodAffinity, near(term('db', { namespaces: ['other'] })), nodes([foreign]))['a1']).toBe('ok');
    const namespaces = { default: {}, other: { team: 'x' } };
    const selected = near(term('db', { namespaceSelector: { matchLabels: { team: 'x' } } }));
    expect(filtered(interPodAffinity, selected, nodes([foreign]), { namespaces })['a1']).toBe('ok');
  });
  test('the first pod of a group that keeps together may start anywhere in the topology', () => {
    const first = { labels: { app: 'web' }, ...near(term('web')) };
    expect(filtered(interPodAffinity, first, nodes([]))).toEqual({ a1: 'ok', a2: 'ok', b1: 'ok', none: lonely });
    expect(filtered(interPodAffinity, { labels: { app: 'other' }, ...near(term('web')) }, nodes([]))['a1']).toBe(
      lonely,
    );
  });
  test('of several terms one pod must match all, each in its own topology', () => {
    const both = near(term('db'), { ...term('db'), labelSelector: { matchLabels: { tier: 'gold' } } });
    const gold = { labels: { app: 'db', tier: 'gold' } };
    expect(filtered(interPodAffinity, both, nodes([db, { labels: { tier: 'gold' } }]))['a1']).toBe(lonely);
    expect(filtered(interPodAffinity, both, nodes([gold]))).toMatchObject({ a1: 'ok', a2: 'ok', b1: lonely });
  });
  test('a pod that is going still counts', () => {
    const going = { ...db, deleted: true };
    expect(filtered(interPodAffinity, near(term('db')), nodes([going]))['a2']).toBe('ok');
    expect(filtered(interPodAffinity, apart(term('db')), nodes([going]))['a2']).not.toBe('ok');
  });
  test('anti-affinity keeps away from matching pods', () => {
    const refused = "node(s) didn't match pod anti-affinity rules";
    expect(filtered(interPodAffinity, apart(term('db')), nodes([db]))).toEqual({
      a1: refused,
      a2: refused,
      b1: 'ok',
      none: 'ok',
    });
  });
  test('anti-affinity of pods already there keeps newcomers away', () => {
    const refused = "node(s) didn't satisfy existing pods anti-affinity rules";
    const guarded = nodes([{ ...db, ...apart(term('web')) }]);
    expect(filtered(interPodAffinity, { labels: { app: 'web' } }, guarded)).toEqual({
      a1: refused,
      a2: refused,
      b1: 'ok',
      none: 'ok',
    });
    expect(filtered(interPodAffinity, { labels: { app: 'x' } }, guarded)['a1']).toBe('ok');
  });
});

test('preferences of both sides score', () => {
  const wish = (weight: number, app: string) => ({ weight, podAffinityTerm: term(app) });
  const attracted = {
    affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [wish(10, 'db')] } },
  };
  expect(scored(interPodAffinity, attracted, nodes([db]))).toEqual({ a1: 100, a2: 100, b1: 0, none: 0 });
  const repelled = {
    affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [wish(10, 'db')] } },
  };
  expect(scored(interPodAffinity, repelled, nodes([db]))).toEqual({ a1: 0, a2: 0, b1: 100, none: 100 });
  const inviting = nodes([{ ...db, ...near(term('web')) }]);
  expect(scored(interPodAffinity, { labels: { app: 'web' } }, inviting)).toEqual({ a1: 100, a2: 100, b1: 0, none: 0 });
  expect(scored(interPodAffinity, {}, nodes([db]))).toBeUndefined();
});
