import { expect, test } from 'vitest';
import { nodeName } from '../../../../src/scheduler/plugins/node-name.ts';
import { filtered } from '../kit.ts';

test('a pod that names its node goes nowhere else', () => {
  expect(filtered(nodeName, { nodeName: 'b' }, [{ name: 'a' }, { name: 'b' }])).toEqual({
    a: "node(s) didn't match the requested node name (unresolvable)",
    b: 'ok',
  });
  expect(filtered(nodeName, {}, [{ name: 'a' }])).toEqual({ a: 'ok' });
});
