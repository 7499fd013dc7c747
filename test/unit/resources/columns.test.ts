import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { groupVersionFacts } from '../../../src/api/discovery-facts.ts';
import { resourceFor, resources } from '../../../src/resources/index.ts';
import type { Resource } from '../../../src/resources/resource.ts';

/**
 * Headers of every kind, one golden file each: `name<TAB>type<TAB>priority`. They were compared with upstream's printers
 * by hand; after a deliberate change run with UPDATE=1 and compare again.
 */
const folder = fileURLToPath(new URL('../../fixtures/columns', import.meta.url));
const fileOf = (r: Resource) => `${r.group || 'core'}.${r.resource}.txt`;
const headers = (r: Resource) => r.columns.map((c) => `${c.name}\t${c.type}\t${c.priority ?? 0}\n`).join('');

test('every resource of the discovery facts has a definition', () => {
  const missing = groupVersionFacts.flatMap((gv) =>
    gv.resources
      .filter((r) => resourceFor(gv.group, gv.version, r.resource)?.kind !== r.kind)
      .map((r) => `${gv.group}/${gv.version}/${r.resource}`),
  );
  expect(missing).toEqual([]);
  expect(groupVersionFacts.flatMap((gv) => gv.resources).length).toBeGreaterThan(60);
});

test('no resource is defined twice', () => {
  const names = resources.map((r) => `${r.group}/${r.resource}`);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

test('a stored resource is defined under its storage version', () => {
  const wrong = groupVersionFacts.flatMap((gv) =>
    gv.resources
      .filter((r) => r.storageVersion !== undefined && gv.group !== 'events.k8s.io')
      .filter((r) => resourceFor(gv.group, gv.version, r.resource)?.version !== r.storageVersion)
      .map((r) => r.resource),
  );
  expect(wrong).toEqual([]);
});

test.each(resources.map((r) => [fileOf(r), r] as const))('headers of %s', (file, resource) => {
  const path = join(folder, file);
  if (process.env['UPDATE']) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, headers(resource));
  }
  expect(existsSync(path), `${file} is missing`).toBe(true);
  expect(headers(resource)).toBe(readFileSync(path, 'utf8'));
});

test('no golden file is left over', () => {
  const known = new Set(resources.map(fileOf));
  expect(readdirSync(folder).filter((file) => !known.has(file))).toEqual([]);
});

test('every cell of an object that is all defaults can be made', () => {
  for (const resource of resources) {
    const object = {
      apiVersion: 'v1',
      kind: resource.kind,
      metadata: { name: 'a' },
      involvedObject: {},
      roleRef: {},
      spec: { source: {}, pool: {}, scaleTargetRef: {}, template: {}, jobTemplate: {}, priorityLevelConfiguration: {} },
    };
    for (const column of resource.columns) {
      expect(() => column.value(object, 0), `${resource.resource} ${column.name}`).not.toThrow();
    }
  }
});
