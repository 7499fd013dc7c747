import { expect, test } from 'vitest';
import { groupVersionFacts, resourceFacts } from '../../../src/api/discovery-facts.ts';
import { factCounts, factPackages, kindFacts, typeFacts } from '../../../src/api/facts.ts';
import { allKinds } from '../../../src/api/kinds.gen.ts';

const field = (type: string, ...path: string[]) => {
  let facts = typeFacts(type);
  for (const name of path.slice(0, -1)) {
    const next = facts.fields.get(name)!.type;
    facts = next.element ?? next;
  }
  return facts.fields.get(path.at(-1)!)!;
};

test('the facts are complete for Kubernetes 1.36.4', () => {
  // The generator proves each package against its generated.proto; these counts guard against losing a whole package.
  expect(factCounts).toEqual({ structs: 1225, fields: 4579, numbers: 4206, aliases: 273, enums: 99, kinds: 362 });
  expect(factPackages.size).toBe(76);
});

test('every type expands, with every type it names', () => {
  for (const [key, pkg] of factPackages) {
    for (const name of pkg.types) {
      const type = typeFacts(`${key}.${name}`);
      for (const f of type.fields.values()) expect(f.type.name).not.toBe('');
      for (const f of type.wire) expect(f.number).toBeGreaterThan(0);
    }
  }
});

test('list kinds, merge keys, defaults and enums are as upstream marks them', () => {
  expect(field('core/v1.Pod', 'spec', 'containers')).toMatchObject({
    listType: 'map',
    listKeys: ['name'],
    patchStrategies: ['merge'],
    patchMergeKey: 'name',
    optional: false,
    number: 2,
  });
  expect(field('core/v1.ServiceSpec', 'ports').listKeys).toEqual(['port', 'protocol']);
  expect(field('core/v1.PodSpec', 'volumes').patchStrategies).toEqual(['merge', 'retainKeys']);
  expect(field('core/v1.ContainerPort', 'protocol')).toMatchObject({ hasDefault: true, default: 'TCP' });
  expect(field('core/v1.ContainerPort', 'protocol').type.enum).toEqual(['TCP', 'UDP', 'SCTP']);
  expect(field('meta/v1.ObjectMeta', 'finalizers').listType).toBe('set');
  expect(field('core/v1.ServiceSpec', 'selector').granularity).toBe('atomic');
  expect(field('core/v1.AzureDiskVolumeSource', 'cachingMode').default).toBe('ReadWrite');
});

test('inlined structs are flattened in JSON and nested on the protobuf wire', () => {
  expect([...typeFacts('core/v1.Volume').fields.keys()]).toEqual(expect.arrayContaining(['name', 'hostPath', 'csi']));
  expect(typeFacts('core/v1.Volume').wire).toMatchObject([
    { number: 1, name: 'name', inline: false },
    { number: 2, name: 'VolumeSource', inline: true },
  ]);
  expect([...typeFacts('core/v1.Pod').fields.keys()]).toEqual(['kind', 'apiVersion', 'metadata', 'spec', 'status']);
});

test('types print as Go prints them', () => {
  expect(field('core/v1.PodSpec', 'containers').type.goName).toBe('[]v1.Container');
  expect(typeFacts('core/v1.PodSpec').goName).toBe('v1.PodSpec');
  expect(field('core/v1.PodSpec', 'nodeSelector').type.goName).toBe('map[string]string');
});

test('discovery serves only kinds that the facts know', () => {
  for (const gv of groupVersionFacts) {
    for (const r of gv.resources) {
      expect(kindFacts(gv.group, gv.version, r.kind)?.kind?.kind).toBe(r.kind);
      for (const sub of r.subresources)
        expect(kindFacts(sub.group ?? gv.group, sub.version ?? gv.version, sub.kind), sub.name).toBeDefined();
    }
  }
  expect(allKinds.length).toBe(groupVersionFacts.flatMap((gv) => gv.resources).length);
});

test('horizontal pod autoscalers are stored as v2 and preferred so', () => {
  expect(resourceFacts('autoscaling', 'v1', 'horizontalpodautoscalers')?.storageVersion).toBe('v2');
  expect(groupVersionFacts.filter((gv) => gv.group === 'autoscaling').map((gv) => gv.version)).toEqual(['v2', 'v1']);
});
