import { describe, expect, test } from 'vitest';
import { deviceClasses } from '../../../../src/api/kinds.gen.ts';
import { nodeResourcesFit, resourcesFit } from '../../../../src/scheduler/plugins/node-resources-fit.ts';
import { podInfo } from '../../../../src/scheduler/state/pod-info.ts';
import { filtered, type PodFields, pod, scored } from '../kit.ts';
import { handle, Shelves } from '../shelf.ts';

const small = { cpu: '2', memory: '1Gi', pods: '2' };

describe('filter', () => {
  test.each<[string, PodFields, PodFields[], string]>([
    ['fits exactly', { requests: { cpu: '1', memory: '512Mi' } }, [{ requests: { cpu: '1', memory: '512Mi' } }], 'ok'],
    ['cpu is used up', { requests: { cpu: '1100m' } }, [{ requests: { cpu: '1' } }], 'Insufficient cpu'],
    ['more than there is', { requests: { cpu: '3' } }, [], 'Insufficient cpu (unresolvable)'],
    [
      'two at once',
      { requests: { cpu: '2', memory: '1Gi' } },
      [{ requests: { cpu: '1', memory: '1Mi' } }],
      'Insufficient cpu, Insufficient memory',
    ],
    ['asks for nothing on a full node', {}, [{ requests: { cpu: '2' } }], 'ok'],
    ['too many pods', {}, [{}, {}], 'Too many pods'],
    [
      'an extended resource',
      { requests: { 'example.com/gpu': '1' } },
      [],
      'Insufficient example.com/gpu (unresolvable)',
    ],
  ])('%s', (_, wanted, pods, expected) => {
    expect(filtered(nodeResourcesFit, wanted, [{ name: 'n', allocatable: small, pods }])).toEqual({ n: expected });
  });

  test('extended resources are counted', () => {
    const gpu = { requests: { 'example.com/gpu': '1' } };
    const allocatable = { 'example.com/gpu': '2' };
    expect(filtered(nodeResourcesFit, gpu, [{ name: 'n', allocatable, pods: [gpu] }])).toEqual({ n: 'ok' });
    expect(filtered(nodeResourcesFit, gpu, [{ name: 'n', allocatable, pods: [gpu, gpu] }])).toEqual({
      n: 'Insufficient example.com/gpu',
    });
  });
});

test('the emptiest node scores best, and containers without requests weigh something', () => {
  const nodes = [
    { name: 'empty' },
    { name: 'half', pods: [{ requests: { cpu: '2', memory: '4Gi' } }] },
    { name: 'light', pods: [{}, {}, {}, {}] },
  ];
  const scores = scored(nodeResourcesFit, { requests: { cpu: '400m', memory: '1Gi' } }, nodes)!;
  expect(scores).toMatchObject({ empty: 88, half: 38 });
  expect(scores['light']).toBeLessThan(scores['empty']!);
});

test('where devices stand for an extended resource, nodes need none of their own', () => {
  const gpu = 'example.com/gpu';
  const all = new Shelves();
  all.shelf(deviceClasses).set({ metadata: { name: 'c' }, spec: { extendedResourceName: gpu } });
  const nodes = [
    { name: 'none', allocatable: small },
    { name: 'used', allocatable: { ...small, [gpu]: '1' }, pods: [{ requests: { [gpu]: '1' } }] },
    { name: 'free', allocatable: { ...small, [gpu]: '1' } },
  ];
  const plugin = resourcesFit.build(handle(all));
  expect(filtered(plugin, { requests: { [gpu]: '1' } }, nodes)).toEqual({
    none: 'ok',
    used: `Insufficient ${gpu}`,
    free: 'ok',
  });
  const info = podInfo(pod({ requests: { [gpu]: '1' } }));
  const before = JSON.stringify(plugin.sign?.(info));
  all.shelf(deviceClasses).remove('c');
  expect(JSON.stringify(plugin.sign?.(info))).not.toBe(before);
});
