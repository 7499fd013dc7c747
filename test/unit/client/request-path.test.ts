import { describe, expect, it } from 'vitest';
import type { Call } from '../../../src/client/call.ts';
import { LineSplitter } from '../../../src/client/line-splitter.ts';
import { wireRequest } from '../../../src/client/request-path.ts';

const pods = { group: '', version: 'v1', resource: 'pods' };
const deployments = { group: 'apps', version: 'v1', resource: 'deployments' };

describe('a call as an HTTP request', () => {
  const table: [Call, string, string?][] = [
    [{ verb: 'get', resource: pods, namespace: 'a', name: 'b' }, 'GET /api/v1/namespaces/a/pods/b'],
    [
      { verb: 'list', resource: deployments, options: { limit: 5, labelSelector: 'a=b,c' } },
      'GET /apis/apps/v1/deployments?labelSelector=a%3Db%2Cc&limit=5',
    ],
    [
      { verb: 'watch', resource: pods, options: { resourceVersion: '7', allowWatchBookmarks: true } },
      'GET /api/v1/pods?watch=true&resourceVersion=7&allowWatchBookmarks=true',
    ],
    [
      { verb: 'create', resource: pods, namespace: 'a', name: 'b', subresource: 'binding', object: { x: 1 } },
      'POST /api/v1/namespaces/a/pods/b/binding',
      '{"x":1}',
    ],
    [
      { verb: 'update', resource: deployments, namespace: 'a', name: 'b', object: {}, options: { dryRun: true } },
      'PUT /apis/apps/v1/namespaces/a/deployments/b?dryRun=All',
      '{}',
    ],
    [
      { verb: 'patch', resource: pods, namespace: 'a', name: 'b', patch: { type: 'json', body: [] } },
      'PATCH /api/v1/namespaces/a/pods/b',
      '[]',
    ],
    [{ verb: 'delete', resource: pods, namespace: 'a', name: 'b' }, 'DELETE /api/v1/namespaces/a/pods/b'],
    [
      {
        verb: 'deletecollection',
        resource: pods,
        namespace: 'a',
        options: { gracePeriodSeconds: 0, propagationPolicy: 'Orphan', fieldSelector: 'x=y', dryRun: true },
      },
      'DELETE /api/v1/namespaces/a/pods?fieldSelector=x%3Dy',
      '{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0,"propagationPolicy":"Orphan","dryRun":["All"]}',
    ],
    [{ verb: 'get', resource: pods, namespace: '../x', name: 'a?b' }, 'GET /api/v1/namespaces/..%2Fx/pods/a%3Fb'],
  ];
  it.each(table)('%j', (call, line, body) => {
    const request = wireRequest(call);
    expect(`${request.method} ${request.path}`).toBe(line);
    expect(request.body).toBe(body);
  });
});

describe('LineSplitter', () => {
  it('joins what chunks cut, also within a character', () => {
    const bytes = Buffer.from('{"a":"ü"}\n\n{"b":2}\n{"c"');
    for (let cut = 0; cut <= bytes.length; cut++) {
      const splitter = new LineSplitter();
      const lines = [...splitter.push(bytes.subarray(0, cut)), ...splitter.push(bytes.subarray(cut))];
      expect(lines).toEqual(['{"a":"ü"}', '{"b":2}']);
      expect(splitter.push(Buffer.from(':3}\n'))).toEqual(['{"c":3}']);
    }
  });
});
