import { expect, test } from 'vitest';
import { groupFacts, groupVersionFacts } from '../../../src/api/discovery-facts.ts';
import { kindFacts } from '../../../src/api/facts.ts';
import { goneForGood, groupToday, legacyGroupFacts, legacyGroupVersionFacts } from '../../../src/api/legacy-facts.ts';
import { apiVersionOf } from '../../../src/api/object.ts';
import { resourceFor } from '../../../src/resources/index.ts';

const served = (gv: { group: string; version: string }) => apiVersionOf(gv);

test('no old version is also a current one', () => {
  const current = new Set(groupVersionFacts.map(served));
  expect(legacyGroupVersionFacts.map(served).filter((gv) => current.has(gv))).toEqual([]);
});

test('the facts know every kind, with its subresources', () => {
  for (const gv of legacyGroupVersionFacts)
    for (const r of gv.resources) {
      expect(kindFacts(gv.group, gv.version, r.kind)?.kind?.kind, `${served(gv)} ${r.kind}`).toBe(r.kind);
      for (const sub of r.subresources)
        expect(kindFacts(sub.group ?? gv.group, sub.version ?? gv.version, sub.kind), sub.name).toBeDefined();
    }
});

test('each is stored as a current kind, by conversion; a PodPreset as it is', () => {
  for (const gv of legacyGroupVersionFacts)
    for (const r of gv.resources) {
      const rules = resourceFor(gv.group, gv.version, r.resource)!;
      expect(rules.kind, `${served(gv)} ${r.kind}`).toBe(r.kind);
      const own = r.kind === 'PodPreset';
      expect(rules.versions?.[served(gv)] === undefined).toBe(own);
      if (r.storageVersion !== undefined) expect(r.storageVersion).toBe(rules.version);
    }
});

test('old versions have the verbs and subresources of the current kind, and its scope', () => {
  for (const gv of legacyGroupVersionFacts)
    for (const r of gv.resources) {
      const rules = resourceFor(gv.group, gv.version, r.resource)!;
      const current = groupVersionFacts
        .find((v) => v.group === rules.group && v.version === rules.version)
        ?.resources.find((c) => c.resource === rules.resource);
      if (!current) continue;
      expect([r.namespaced, r.verbs], `${served(gv)} ${r.kind}`).toEqual([current.namespaced, current.verbs]);
      const names = r.subresources.map((s) => s.name).filter((name) => name !== 'rollback');
      expect(names, `${served(gv)} ${r.kind}`).toEqual(current.subresources.map((s) => s.name));
    }
});

test('groups of old versions have no priority over any other', () => {
  const current = new Set(groupFacts.map((g) => g.group));
  expect(legacyGroupFacts.filter((g) => !current.has(g.group)).map((g) => [g.group, g.priority])).toEqual([
    ['extensions', 0],
    ['settings.k8s.io', 0],
  ]);
});

test('a kind that moved is found in its group of today', () => {
  expect(groupToday('extensions', 'Deployment')).toBe('apps');
  expect(groupToday('extensions', 'Ingress')).toBe('networking.k8s.io');
  expect(groupToday('extensions', 'Foo')).toBe('extensions');
  expect(groupToday('apps', 'Deployment')).toBe('apps');
  for (const key of Object.keys(goneForGood)) {
    const [group = '', version = '', resource = ''] = key.split('/');
    expect(resourceFor(group, version, resource)).toBeUndefined();
  }
});
