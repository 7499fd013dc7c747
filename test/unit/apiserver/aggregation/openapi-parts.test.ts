import { describe, expect, test } from 'vitest';
import { joined, partsBelow, withoutPaths } from '../../../../src/apiserver/aggregation/openapi-parts.ts';

const ref = (name: string, section = 'definitions') => ({ $ref: `#/${section}/${name}` });
const answer = (name: string) => ({ get: { responses: { 200: { schema: ref(name) } } } });

describe('the part of a group version', () => {
  const document = {
    paths: {
      '/apis/x.org/v1/tabs': { ...answer('Tab'), parameters: [ref('pretty', 'parameters')] },
      '/apis/x.org/v2/tabs': answer('TabV2'),
      '/version': answer('Info'),
    },
    definitions: {
      Tab: { properties: { metadata: ref('Meta'), inner: ref('Tab'), $ref: { type: 'string' } } },
      TabV2: {},
      Meta: { properties: { owners: { items: ref('Owner') }, gone: ref('Gone') } },
      Owner: {},
      Info: {},
    },
    parameters: { pretty: { name: 'pretty' }, other: { name: 'other' } },
  };

  test('is its paths and all they lead to', () => {
    const { paths, definitions, parameters } = partsBelow(document, '/apis/x.org/v1/');
    expect(Object.keys(paths)).toEqual(['/apis/x.org/v1/tabs']);
    expect(Object.keys(definitions)).toEqual(['Tab', 'Meta', 'Owner']);
    expect(parameters).toEqual({ pretty: { name: 'pretty' } });
  });

  test.each([[7], [null], [[]], [{ paths: 7 }], [{ definitions: [] }], [{ parameters: 'none' }]])(
    'is not to be had of %j',
    (value) => {
      expect(() => partsBelow(value, '/')).toThrow();
    },
  );
});

describe('a document with the parts of another', () => {
  const own = {
    swagger: '2.0',
    paths: { '/version': answer('Info') },
    definitions: { Info: { type: 'object' }, Meta: { type: 'object' }, Meta_v2: { type: 'integer' } },
    parameters: { pretty: { name: 'pretty' } },
  };

  test('has the same things once, and other things under names of their own', () => {
    const parts = {
      paths: { '/apis/x.org/v1/tabs': { ...answer('Tab'), parameters: [ref('pretty', 'parameters')] } },
      definitions: { Info: { type: 'object' }, Meta: { type: 'string' }, Tab: { items: [ref('Meta'), ref('Info')] } },
      parameters: { pretty: { name: 'ugly' } },
    };
    expect(joined(own, parts)).toEqual({
      swagger: '2.0',
      paths: {
        ...own.paths,
        '/apis/x.org/v1/tabs': { ...answer('Tab'), parameters: [ref('pretty_v2', 'parameters')] },
      },
      definitions: {
        ...own.definitions,
        Meta_v3: { type: 'string' },
        Tab: { items: [ref('Meta_v3'), ref('Info')] },
      },
      parameters: { pretty: { name: 'pretty' }, pretty_v2: { name: 'ugly' } },
    });
  });

  test('can do without paths of its own', () => {
    expect(withoutPaths(own, '/vers')).toEqual({ ...own, paths: {} });
  });
});
