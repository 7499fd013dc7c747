import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFieldSelector } from '../../../src/api/field-selector.ts';
import { labelSelectorOf, labelsAsSelector, parseLabelSelector } from '../../../src/api/selector.ts';

test.each([
  ['', { a: 'b' }, true],
  ['a=b', { a: 'b' }, true],
  ['a==b', { a: 'c' }, false],
  ['a!=b', {}, true],
  ['a!=b', { a: 'b' }, false],
  ['a', { a: '' }, true],
  ['!a', { a: '' }, false],
  ['a in (b, c)', { a: 'c' }, true],
  ['a in (b, c)', {}, false],
  ['a notin (b,c)', {}, true],
  ['a in ()', { a: '' }, true],
  ['a in (,b)', { a: '' }, true],
  ['a>5', { a: '6' }, true],
  ['a<5', { a: 'x' }, false],
  ['a=', { a: '' }, true],
  ['in in (in)', { in: 'in' }, true],
  ['x.io/a=b,!c', { 'x.io/a': 'b' }, true],
  ['constructor', {}, false],
])('%j on %j', (text, labels, matches) => {
  expect(parseLabelSelector(text).matches(labels as Record<string, string>)).toBe(matches);
});

test.each([
  ['a=b,', "found '', expected: identifier after ','"],
  ['a in b', "unable to parse requirement: found 'b' expected: '('"],
  ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  [',a', "found ',', expected: !, identifier, or 'end of string'"],
  ['a=b c', "found 'c', expected: ',' or 'end of string'"],
  [
    'a>x',
    `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
  ],
  ['a=-', 'unable to parse requirement: values[0][a]: Invalid value: "-": a valid label must be'],
  ['-a', 'unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of'],
])('%j is refused as upstream refuses it', (text, message) => {
  expect(() => parseLabelSelector(text)).toThrow(message);
});

test('the printed selector parses to itself', () => {
  const word = fc.stringMatching(/^[a-z]{1,4}$/);
  const term = fc.oneof(
    fc.tuple(word, fc.constantFrom('=', '==', '!='), word).map((p) => p.join('')),
    fc
      .tuple(word, fc.constantFrom('in', 'notin'), fc.array(word, { minLength: 1, maxLength: 3 }))
      .map(([k, op, v]) => `${k} ${op} (${v.join(',')})`),
    word,
    word.map((w) => `!${w}`),
  );
  fc.assert(
    fc.property(fc.array(term, { minLength: 1, maxLength: 4 }), (terms) => {
      const printed = parseLabelSelector(terms.join(',')).toString();
      expect(parseLabelSelector(printed).toString()).toBe(printed);
    }),
  );
});

test('selector objects: none selects nothing, an empty one everything', () => {
  expect(labelSelectorOf(undefined).matches({})).toBe(false);
  expect(labelSelectorOf({}).matches(undefined)).toBe(true);
  const selector = labelSelectorOf({
    matchLabels: { app: 'web' },
    matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['db'] }],
  });
  expect(selector.matches({ app: 'web' })).toBe(true);
  expect(selector.matches({ app: 'web', tier: 'db' })).toBe(false);
  expect(selector.toString()).toBe('app=web,tier notin (db)');
  expect(selector.exactValue('app')).toBe('web');
  expect(() => labelSelectorOf({ matchExpressions: [{ key: 'a', operator: 'in' }] })).toThrow(
    '"in" is not a valid label selector operator',
  );
  expect(labelsAsSelector({ a: 'b' }).matches({ a: 'b', c: 'd' })).toBe(true);
});

test('field selectors', () => {
  const selector = parseFieldSelector('spec.nodeName=a,status.phase!=Running');
  const of = (values: Record<string, string>) => (field: string) => values[field] ?? '';
  expect(selector.matches(of({ 'spec.nodeName': 'a', 'status.phase': 'Pending' }))).toBe(true);
  expect(selector.matches(of({ 'spec.nodeName': 'a', 'status.phase': 'Running' }))).toBe(false);
  expect(selector.exactValue('spec.nodeName')).toBe('a');
  expect(selector.toString()).toBe('spec.nodeName=a,status.phase!=Running');
  expect(parseFieldSelector('a=b\\,c\\=d').terms).toEqual([{ field: 'a', equal: true, value: 'b,c=d' }]);
  expect(parseFieldSelector('').empty).toBe(true);
  expect(() => parseFieldSelector('x')).toThrow("invalid selector: 'x'; can't understand 'x'");
  expect(() => parseFieldSelector('a=b\\x')).toThrow('invalid field selector: invalid escape sequence: \\x');
});
