import { describe, expect, test } from 'vitest';
import type { Container, PodSpec } from '../../../../src/api/types/core-v1.gen.ts';
import { podDemand, podInfo } from '../../../../src/scheduler/state/pod-info.ts';
import { pod } from '../kit.ts';

const container = (cpu: string | undefined, more: Partial<Container> = {}): Container => ({
  name: 'c',
  image: 'i',
  ...(cpu && { resources: { requests: { cpu } } }),
  ...more,
});
const always = { restartPolicy: 'Always' };

describe('what a pod demands', () => {
  test.each<[string, Partial<PodSpec>, number]>([
    ['its containers together', { containers: [container('100m'), container('1')] }, 1100],
    [
      'or its largest init container',
      { containers: [container('1')], initContainers: [container('2'), container('3')] },
      3000,
    ],
    [
      'init containers run with the sidecars before them',
      { containers: [container('1')], initContainers: [container('500m', always), container('2')] },
      2500,
    ],
    [
      'but not with those after them',
      { containers: [container('1')], initContainers: [container('2'), container('500m', always)] },
      2000,
    ],
    [
      'sidecars run with the containers',
      { containers: [container('1')], initContainers: [container('500m', always)] },
      1500,
    ],
    [
      'requests of the pod itself count instead',
      { containers: [container('1')], resources: { requests: { cpu: '2' } } },
      2000,
    ],
    ['overhead comes on top', { containers: [container('1')], overhead: { cpu: '250m' } }, 1250],
  ])('%s', (_, spec, cpu) => {
    expect(podDemand(pod(spec)).cpu).toBe(cpu);
  });

  test('containers without requests weigh something in scores', () => {
    const info = podInfo(pod({ containers: [container(undefined), container('1')] }));
    expect(info.demand).toMatchObject({ cpu: 1000, memory: 0 });
    expect(info.nonZero).toEqual({ cpu: 1100, memory: 2 * 200 * 1024 * 1024 });
  });
});
