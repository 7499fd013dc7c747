import { expect, test } from 'vitest';
import { requestInfo } from '../../../src/apiserver/request-info.ts';

const short = (method: string, path: string, watch = false) => {
  const i = requestInfo(method, path, () => watch);
  if (!i.isResource) return `${i.verb} ${i.path}`;
  const group = i.group ? `${i.group}/${i.version}` : i.version;
  return `${i.verb} ${group} ns=${i.namespace} ${i.resource}/${i.name}/${i.subresource}${i.rest}`;
};

test.each([
  ['GET', '/api/v1/pods', 'list v1 ns= pods//'],
  ['GET', '/api/v1/namespaces/a/pods', 'list v1 ns=a pods//'],
  ['GET', '/api/v1/namespaces/a/pods/b', 'get v1 ns=a pods/b/'],
  ['POST', '/api/v1/namespaces/a/pods', 'create v1 ns=a pods//'],
  ['PUT', '/api/v1/namespaces/a/pods/b/status', 'update v1 ns=a pods/b/status'],
  ['PATCH', '/apis/apps/v1/namespaces/a/deployments/b/scale', 'patch apps/v1 ns=a deployments/b/scale'],
  ['DELETE', '/api/v1/namespaces/a/pods/b', 'delete v1 ns=a pods/b/'],
  ['DELETE', '/api/v1/namespaces/a/pods', 'deletecollection v1 ns=a pods//'],
  ['GET', '/api/v1/namespaces', 'list v1 ns= namespaces//'],
  ['GET', '/api/v1/namespaces/a', 'get v1 ns=a namespaces/a/'],
  ['PUT', '/api/v1/namespaces/a/finalize', 'update v1 ns=a namespaces/a/finalize'],
  ['GET', '/api/v1/nodes/n/proxy/logs/x', 'get v1 ns= nodes/n/proxy/logs/x'],
  ['GET', '/api/v1/namespaces/a/pods/b:80/proxy/', 'get v1 ns=a pods/b:80/proxy/'],
  ['GET', '/api/v1/watch/namespaces/a/pods', 'watch v1 ns=a pods//'],
  ['GET', '/api/v1/watch/pods', 'watch v1 ns= pods//'],
  ['GET', '/api/v1/namespaces/a/pods/b%2Fc', 'get v1 ns=a pods/b/c/'],
  ['GET', '/api', 'get /api'],
  ['GET', '/api/v1', 'get /api/v1'],
  ['GET', '/api/v1/', 'get /api/v1/'],
  ['GET', '/apis/apps', 'get /apis/apps'],
  ['GET', '/apis/apps/v1', 'get /apis/apps/v1'],
  ['GET', '/livez/ping', 'get /livez/ping'],
  ['POST', '/', 'post /'],
])('%s %s', (method, path, expected) => {
  expect(short(method, path)).toBe(expected);
});

test('?watch turns lists and gets into watches, but not subresources', () => {
  expect(short('GET', '/api/v1/pods', true)).toBe('watch v1 ns= pods//');
  expect(short('GET', '/api/v1/namespaces/a/pods/b', true)).toBe('watch v1 ns=a pods/b/');
  expect(short('GET', '/api/v1/namespaces/a/pods/b/log', true)).toBe('get v1 ns=a pods/b/log');
});

test('broken percent-encoding throws', () => {
  expect(() => requestInfo('GET', '/api/v1/pods/%zz', () => false)).toThrow(URIError);
});
