import { beforeAll, describe, expect, test } from 'vitest';
import { cel } from '../../../../src/api/cel/cel.ts';
import { deviceClasses, resourceClaims, resourceSlices } from '../../../../src/api/kinds.gen.ts';
import type { DeviceClaim, ResourceClaim } from '../../../../src/api/types/resource-v1.gen.ts';
import { dynamicResources } from '../../../../src/scheduler/plugins/dynamic-resources.ts';
import { podInfo } from '../../../../src/scheduler/state/pod-info.ts';
import { claim, classes, having, type SliceFields, slice } from '../devices/kit.ts';
import { filtered, type NodeFields, type PodFields, pod, table, world } from '../kit.ts';
import { handle, Shelves } from '../shelf.ts';

beforeAll(() => cel.ready());

const nodes: NodeFields[] = [{ name: 'a' }, { name: 'b' }];
const one: DeviceClaim = {
  requests: [{ name: 'r', exactly: { deviceClassName: 'any', allocationMode: 'ExactCount', count: 1 } }],
};
const onA: SliceFields = { nodeName: 'a', pool: 'pool', devices: [{ name: 'd' }] };
const using = (...names: string[]): PodFields => ({
  resourceClaims: names.map((resourceClaimName) => ({ name: resourceClaimName, resourceClaimName })),
});

function shelves(claims: readonly ResourceClaim[], slices: readonly SliceFields[] = [onA]): Shelves {
  const all = new Shelves();
  for (const object of Object.values(classes)) all.shelf(deviceClasses).set(object);
  for (const fields of slices) all.shelf(resourceSlices).set(slice(fields));
  for (const object of claims) all.shelf(resourceClaims).set(object);
  return all;
}
const everywhere = (reason: string) => ({ a: `${reason} (unresolvable)`, b: `${reason} (unresolvable)` });
const none = 'cannot allocate all claims (unresolvable)';
const elsewhere = 'resourceclaim not available on the node (unresolvable)';

const reserved = (count: number, uid = 'other') =>
  Array.from({ length: count }, (_, n) => ({ resource: 'pods', name: `p${n}`, uid: `${uid}-${n}` }));
const onlyOn = (name: string) => ({
  ...having('d'),
  nodeSelector: {
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: [name] }] }],
  },
});

test.each<[string, ResourceClaim[], PodFields, Record<string, string>]>([
  ['where its devices are', [claim(one)], using('c'), { a: 'ok', b: none }],
  ['where they were allocated', [claim(one, 'c', { allocation: onlyOn('b') })], using('c'), { a: elsewhere, b: 'ok' }],
  [
    'nowhere when devices are in use',
    [claim(one), claim(one, 'o', { allocation: having('d') })],
    using('c'),
    { a: none, b: none },
  ],
  ['nowhere without its claim', [], using('c'), everywhere('resourceclaim.resource.k8s.io "c" not found')],
  [
    'nowhere when too many use its claim',
    [claim(one, 'c', { allocation: having('d'), reservedFor: reserved(256) })],
    using('c'),
    everywhere('resourceclaim in use'),
  ],
  [
    'nowhere before there is a claim from its template',
    [],
    { name: 'p', resourceClaims: [{ name: 'x', resourceClaimTemplateName: 't' }] },
    everywhere('pod "default/p": ResourceClaim not created yet'),
  ],
  [
    'nowhere without the class',
    [claim({ requests: [{ name: 'r', exactly: { deviceClassName: 'none' } }] })],
    using('c'),
    everywhere('request r: device class none does not exist'),
  ],
])('a pod goes %s', (_, claims, fields, expected) => {
  expect(filtered(dynamicResources.build(handle(shelves(claims))), fields, nodes)).toEqual(expected);
});

test('a pod without claims does not concern it', () => {
  const plugin = dynamicResources.build(handle(shelves([])));
  const info = podInfo(pod());
  expect(plugin.filter?.(info, table(nodes), world())).toBeUndefined();
  expect(plugin.reserve?.(info, 0, table(nodes))).toBeUndefined();
  expect(plugin.postFilter?.(info)).toEqual({ message: 'no new claims to deallocate' });
  expect(plugin.gate?.(info)).toBe(false);
});

test('a pod is not tried before its claims are there', () => {
  const all = shelves([]);
  const plugin = dynamicResources.build(handle(all));
  const info = podInfo(pod(using('c')));
  expect(plugin.gate?.(info)).toBe(true);
  all.shelf(resourceClaims).set(claim(one));
  expect(plugin.gate?.(info)).toBe(false);
});

describe('once a node is chosen', () => {
  function given() {
    const all = shelves([claim(one), claim(one, 'other')]);
    // Profiles keep one book.
    const [plugin, another] = [handle(all), handle(all)].map((each) => dynamicResources.build(each));
    const info = podInfo(pod(using('c')));
    const filter = plugin!.filter?.(info, table(nodes), world());
    expect(typeof filter === 'function' && filter(0)).toBeUndefined();
    return { all, plugin: plugin!, another: another!, reservation: plugin!.reserve!(info, 0, table(nodes))! };
  }

  test('its devices are spoken for in all profiles, until they are given back', async () => {
    const { plugin, another, reservation } = given();
    for (const each of [plugin, another]) expect(filtered(each, using('other'), nodes)).toEqual({ a: none, b: none });
    await reservation.unreserve();
    for (const each of [plugin, another]) expect(filtered(each, using('other'), nodes)).toEqual({ a: 'ok', b: none });
  });

  test('who shares the claim waits until it is written', () => {
    const { all, plugin } = given();
    const sharing = { name: 'q', ...using('c') };
    expect(filtered(plugin, sharing, nodes)).toEqual(
      everywhere('resource claim default/c is in the process of being allocated'),
    );
    all.shelf(resourceClaims).set(claim(one, 'c', { allocation: onlyOn('a') }));
    expect(filtered(plugin, sharing, nodes)).toEqual({ a: 'ok', b: elsewhere });
    expect(filtered(plugin, using('other'), nodes)).toEqual({ a: none, b: none });
    all.shelf(resourceClaims).remove('default/c');
    expect(filtered(plugin, using('other'), nodes)).toEqual({ a: 'ok', b: none });
  });
});

describe('a pod that fits nowhere is told', () => {
  const told = (claims: ResourceClaim[], fields: PodFields) => {
    const plugin = dynamicResources.build(handle(shelves(claims)));
    const info = podInfo(pod(fields));
    const filter = plugin.filter?.(info, table(nodes), world());
    if (typeof filter === 'function') for (const slot of [0, 1]) filter(slot);
    return plugin.postFilter?.(info);
  };

  test('that an unused claim is freed', () => {
    const remedy = told([claim(one, 'c', { allocation: onlyOn('z') })], using('c'));
    expect(remedy?.message).toBe('deallocation of ResourceClaim completed');
    expect(remedy?.work).toBeDefined();
  });

  test('that nothing can be freed', () => {
    const used = claim(one, 'c', { allocation: onlyOn('z'), reservedFor: reserved(1) });
    expect(told([used], using('c'))).toEqual({ message: 'still not schedulable' });
    expect(told([], using('c'))).toEqual({ message: 'no new claims to deallocate' });
  });
});

test('nodes with the preferred alternative are preferred', () => {
  const slices: SliceFields[] = [
    { nodeName: 'a', pool: 'a', devices: [{ name: 'x' }] },
    { nodeName: 'b', pool: 'b', devices: [{ name: 'x' }, { name: 'y' }] },
  ];
  const choice: DeviceClaim = {
    requests: [
      {
        name: 'r',
        firstAvailable: [
          { name: 'two', deviceClassName: 'any', count: 2 },
          { name: 'one', deviceClassName: 'any', count: 1 },
        ],
      },
    ],
  };
  const plugin = dynamicResources.build(handle(shelves([claim(choice)], slices)));
  const info = podInfo(pod(using('c')));
  const nodeTable = table(nodes);
  const filter = plugin.filter?.(info, nodeTable, world());
  for (const slot of nodeTable.live()) if (typeof filter === 'function') filter(slot);
  expect([...plugin.score!(info, nodeTable, nodeTable.live(), world())!]).toEqual([87, 100]);
});
