import { describe, expect, test } from 'vitest';
import type { Taint, Toleration } from '../../../../src/api/types/core-v1.gen.ts';
import { taintToleration } from '../../../../src/scheduler/plugins/taint-toleration.ts';
import { filtered, scored } from '../kit.ts';

const gpu: Taint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' };
const refusedGpu = 'node(s) had untolerated taint(s) (unresolvable)';

describe('filter', () => {
  test.each<[string, Taint, Toleration[], string]>([
    ['nothing tolerated', gpu, [], refusedGpu],
    ['the same value', gpu, [{ key: 'gpu', value: 'yes' }], 'ok'],
    ['another value', gpu, [{ key: 'gpu', operator: 'Equal', value: 'no' }], refusedGpu],
    ['any value', gpu, [{ key: 'gpu', operator: 'Exists' }], 'ok'],
    ['everything', gpu, [{ operator: 'Exists' }], 'ok'],
    ['another effect', gpu, [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }], refusedGpu],
    [
      'NoExecute keeps away too',
      { key: 'x', effect: 'NoExecute' },
      [],
      'node(s) had untolerated taint(s) (unresolvable)',
    ],
    ['PreferNoSchedule does not', { key: 'x', effect: 'PreferNoSchedule' }, [], 'ok'],
    ['less than', { key: 'n', value: '3', effect: 'NoSchedule' }, [{ key: 'n', operator: 'Lt', value: '5' }], 'ok'],
    [
      'not greater than',
      { key: 'n', value: '3', effect: 'NoSchedule' },
      [{ key: 'n', operator: 'Gt', value: '5' }],
      'node(s) had untolerated taint(s) (unresolvable)',
    ],
  ])('%s', (_, taint, tolerations, expected) => {
    expect(filtered(taintToleration, { tolerations }, [{ name: 'n', taints: [taint] }])).toEqual({ n: expected });
  });
});

describe('score', () => {
  const soft = (...keys: string[]) => keys.map((key): Taint => ({ key, effect: 'PreferNoSchedule' }));
  const nodes = [{ name: 'none' }, { name: 'one', taints: soft('a') }, { name: 'two', taints: soft('a', 'b') }];
  test('the fewer untolerated soft taints the better', () => {
    expect(scored(taintToleration, {}, nodes)).toEqual({ none: 100, one: 50, two: 0 });
    expect(scored(taintToleration, { tolerations: [{ key: 'a', operator: 'Exists' }] }, nodes)).toEqual({
      none: 100,
      one: 100,
      two: 0,
    });
  });
  test('all the same without any', () => {
    expect(scored(taintToleration, {}, [{ name: 'a' }])).toEqual({ a: 100 });
  });
});
