import { expect, test } from 'vitest';
import { v3Of } from '../../../../src/apiserver/aggregation/openapi-v3.ts';

const info = { title: 'x', version: 'v1' };

test('a v2 document becomes a v3 one', () => {
  const tab = { $ref: '#/definitions/Tab' };
  const moved = { $ref: '#/components/schemas/Tab' };
  const parts = {
    paths: {
      '/apis/x.org/v1/tabs': {
        parameters: [{ $ref: '#/parameters/pretty' }],
        post: {
          description: 'makes one',
          operationId: 'createTab',
          consumes: ['application/json', 'application/yaml'],
          produces: ['application/json'],
          parameters: [
            { name: 'body', in: 'body', required: true, schema: tab },
            { name: 'limit', in: 'query', type: 'integer', uniqueItems: true },
          ],
          responses: { 201: { description: 'Created', schema: tab }, 401: { description: 'Unauthorized' } },
          'x-kubernetes-action': 'post',
        },
      },
    },
    definitions: { Tab: { type: 'object', properties: { inner: tab }, 'x-kubernetes-group-version-kind': [] } },
    parameters: { pretty: { name: 'pretty', in: 'query', description: 'how', type: 'string' } },
  };
  expect(v3Of(parts, info)).toEqual({
    openapi: '3.0.0',
    info,
    paths: {
      '/apis/x.org/v1/tabs': {
        parameters: [{ name: 'pretty', in: 'query', description: 'how', schema: { type: 'string' } }],
        post: {
          description: 'makes one',
          operationId: 'createTab',
          'x-kubernetes-action': 'post',
          parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer', uniqueItems: true } }],
          requestBody: {
            required: true,
            content: { 'application/json': { schema: moved }, 'application/yaml': { schema: moved } },
          },
          responses: {
            201: { description: 'Created', content: { 'application/json': { schema: moved } } },
            401: { description: 'Unauthorized' },
          },
        },
      },
    },
    components: {
      schemas: { Tab: { type: 'object', properties: { inner: moved }, 'x-kubernetes-group-version-kind': [] } },
    },
  });
});

test('what is of another form than it should be is left away', () => {
  const get = { parameters: [7, { $ref: '#/parameters/gone' }], consumes: 'x', responses: [] };
  const parts = { paths: { '/a': 7, '/b': { get } }, definitions: {}, parameters: {} };
  expect(v3Of(parts, info)).toMatchObject({ paths: { '/a': {}, '/b': { get: { responses: {} } } } });
});
