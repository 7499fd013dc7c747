import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseYaml } from '../../../src/api/yaml.ts';
import { joined } from '../../../src/apiserver/encoding/json-list.ts';
import type { Format } from '../../../src/apiserver/encoding/negotiate.ts';
import { restyled, restyledList } from '../../../src/apiserver/encoding/restyle.ts';
import { SystemClock } from '../../../src/base/clock.ts';

const clock = new SystemClock();
const pretty = { media: 'json', pretty: true } as Format;
const yaml = { media: 'yaml', pretty: false } as Format;

const text = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'yes',
    '1',
    '- a',
    ' b',
    'a: b\nc',
    'line\n\n  more\n',
    'kept\n\n',
    'kept\n\n\n',
    '#',
    '\t',
    'ü',
    '$1',
    '$&',
    'null',
    '~',
    '',
  ),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    tie('object'),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
  object: fc.dictionary(
    text.filter((key) => key !== '__proto__' && key !== '<<'),
    tie('value'),
    { maxKeys: 4 },
  ),
}));
const list = fc.record({ key: fc.constantFrom('items', 'rows'), items: fc.array(json.object, { maxLength: 40 }) });

test('a list is dressed an item at a time, and is what it is as a whole', async () => {
  const property = fc.asyncProperty(list, async ({ key, items }) => {
    const head = `{"kind":"L","metadata":{"resourceVersion":"1"},"${key}":[`;
    const parts = { head, items: items.map((item) => JSON.stringify(item)) };
    const whole = joined(parts, Buffer.alloc).toString();
    expect(await restyledList(clock, parts, pretty)).toBe(restyled(whole, pretty));
    const text = await restyledList(clock, parts, yaml);
    expect(parseYaml(text).value).toEqual(JSON.parse(whole));
  });
  await fc.assert(property, { seed: 36, numRuns: 300 });
});

test('as kubectl knows it', () => {
  const body = '{"kind":"ConfigMap","data":{"b":"yes","a":"one\\ntwo\\n"},"list":[1,9007199254740993]}';
  expect(restyled(body, yaml)).toBe(
    'data:\n  a: |\n    one\n    two\n  b: "yes"\nkind: ConfigMap\nlist:\n- 1\n- 9007199254740993\n',
  );
  expect(restyled('{"a":[],"n":9007199254740993}', pretty)).toBe('{\n  "a": [],\n  "n": 9007199254740993\n}\n');
});
