import { describe, expect, test } from 'vitest';
import {
  discoveredResources,
  readResources,
  readVersions,
} from '../../../../src/apiserver/aggregation/read-discovery.ts';

const resource = (name: string, more: object = {}) => ({
  name,
  singularName: '',
  namespaced: true,
  kind: 'MetricValueList',
  verbs: ['get'],
  ...more,
});
const none = { group: '', version: '', kind: '' };

describe('a list of resources in the form of the aggregated document', () => {
  test('subresources come under their resource, whichever is listed first', () => {
    const scale = resource('tabs/scale', {
      kind: 'Scale',
      group: 'autoscaling',
      version: 'v1',
      verbs: ['get', 'update'],
    });
    const tabs = resource('tabs', { kind: 'Tab', singularName: 'tab', shortNames: ['t'], categories: ['all'] });
    expect(discoveredResources([scale, tabs])).toEqual([
      {
        resource: 'tabs',
        responseKind: { group: '', version: '', kind: 'Tab' },
        scope: 'Namespaced',
        singularResource: 'tab',
        verbs: ['get'],
        shortNames: ['t'],
        categories: ['all'],
        subresources: [
          {
            subresource: 'scale',
            responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
            verbs: ['get', 'update'],
          },
        ],
      },
    ]);
  });

  test('a resource with nothing but subresources is there without verbs', () => {
    const [pods] = discoveredResources([resource('pods/http_requests'), resource('pods/queue/length', { kind: '' })]);
    expect(pods).toMatchObject({ resource: 'pods', responseKind: none, verbs: [], scope: 'Namespaced' });
    expect(pods!.subresources).toMatchObject([
      { subresource: 'http_requests', responseKind: { kind: 'MetricValueList' } },
      { subresource: 'queue/length', responseKind: none },
    ]);
  });

  test('one whose scopes do not fit is refused', () => {
    const list = [resource('tabs', { namespaced: false }), resource('tabs/scale')];
    expect(() => discoveredResources(list)).toThrow(
      'Error: Parent tabs (scope: Cluster) and subresource scale (scope: Namespaced) scope do not match',
    );
  });
});

test.each(['nothing', '[]', '{"resources":7}', '{"resources":[{"name":7}]}', '{"resources":[[]]}'])(
  'what is no list of resources is refused: %s',
  (text) => {
    expect(() => readResources(Buffer.from(text))).toThrow();
  },
);

test('an aggregated document is read by group and version, without what it should not have', () => {
  const versions = [{ version: 'v1', resources: [{ resource: 'tabs', verbs: ['get'], scope: 'Cluster', evil: 1 }] }];
  const text = JSON.stringify({ items: [{ metadata: { name: 'x.org' }, versions }, { metadata: { name: 'y.org' } }] });
  const found = readVersions(Buffer.from(text), 'v2');
  expect([...found.keys()]).toEqual(['x.org/v1']);
  expect(found.get('x.org/v1')!.resources![0]).not.toHaveProperty('evil');
});
