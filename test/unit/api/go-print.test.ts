import { expect, test } from 'vitest';
import { goLabelSelector } from '../../../src/api/go-print.ts';

test('label selectors are printed as Go prints them', () => {
  const matchExpressions = [{ key: 'tier', operator: 'In' as const, values: ['x', 'y'] }];
  expect(goLabelSelector({ matchLabels: { b: '2', a: '1' }, matchExpressions })).toBe(
    '&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:tier,Operator:In,Values:[x y],},},}',
  );
  expect(goLabelSelector(undefined)).toBe('nil');
});
