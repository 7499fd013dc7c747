import { expect, test } from 'vitest';
import { userHeaders } from '../../../../src/apiserver/aggregation/user-headers.ts';

test('a user is told by headers, and what a name of a header cannot have in it is escaped', () => {
  const extra = { 'example.com/Scopes %': ['a', 'b'], ключ: ['c'], plain: [] };
  expect(userHeaders({ name: 'jane', uid: '42', groups: ['devs', 'ops'], extra })).toEqual({
    'x-remote-user': 'jane',
    'x-remote-uid': '42',
    'x-remote-group': ['devs', 'ops'],
    'x-remote-extra-example.com%2FScopes%20%25': ['a', 'b'],
    'x-remote-extra-%D0%BA%D0%BB%D1%8E%D1%87': ['c'],
    'x-remote-extra-plain': [],
  });
});

test('values are the bytes that Go reads; what is not known is not said', () => {
  expect(userHeaders({ name: 'jané', groups: [] })).toEqual({ 'x-remote-user': 'janÃ©' });
});
