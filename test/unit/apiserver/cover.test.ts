import { expect, test } from 'vitest';
import { uncovered } from '../../../src/apiserver/authz/cover.ts';

const rule = (verbs: string, resources: string, names = '', groups = ',apps') => ({
  verbs: verbs.split(','),
  apiGroups: groups.split(','),
  resources: resources.split(','),
  ...(names && { resourceNames: names.split(',') }),
});

test.each([
  ['the same', [rule('get', 'pods')], rule('get', 'pods'), 0],
  ['less', [rule('get,list', 'pods,services')], rule('list', 'services'), 0],
  ['put together', [rule('get', 'pods'), rule('list', 'pods')], rule('get,list', 'pods'), 0],
  ['a star for one', [rule('*', '*', '', '*')], rule('get', 'pods'), 0],
  ['one for a star', [rule('get,list,watch', 'pods')], rule('*', 'pods'), 2],
  ['a name for all', [rule('get', 'pods', 'a')], rule('get', 'pods'), 2],
  ['all for a name', [rule('get', 'pods')], rule('get', 'pods', 'a'), 0],
  ['a resource for its subresource', [rule('get', 'pods')], rule('get', 'pods/exec'), 2],
  ['every subresource of a name', [rule('get', '*/scale')], rule('get', 'deployments/scale'), 0],
])('%s', (_what, held, wanted, missing) => {
  expect(uncovered(held, [wanted])).toHaveLength(missing);
});

test('non-resource paths are covered by prefix', () => {
  const held = [{ verbs: ['get'], nonResourceURLs: ['/healthz/*'] }];
  expect(uncovered(held, [{ verbs: ['get'], nonResourceURLs: ['/healthz/ping'] }])).toEqual([]);
  expect(uncovered(held, [{ verbs: ['get'], nonResourceURLs: ['/metrics'] }])).toHaveLength(1);
});
