import { beforeAll, expect, test } from 'vitest';
import { cel } from '../../../../src/api/cel/cel.ts';
import type { OfferedDevice } from '../../../../src/api/cel/device.ts';
import { compileSelector, selectorBudget } from '../../../../src/resources/resource/device-expression.ts';

beforeAll(() => cel.ready());

const device: OfferedDevice = {
  driver: 'd.test',
  attributes: {
    model: { string: 'm1' },
    cores: { int: 8 },
    ecc: { bool: true },
    firmware: { version: '1.10.0' },
    'x.test/rack': { string: 'r7' },
    ports: { ints: [1, 2] },
    tools: { versions: ['1.0.0', '2.0.0'] },
  },
  capacity: { memory: { value: '40Gi' }, 'x.test/slots': { value: '4' } },
};

test.each<[string, unknown]>([
  ['device.driver == "d.test"', true],
  ['device.attributes["d.test"].model == "m1"', true],
  ['device.attributes["d.test"].cores > 4', true],
  ['device.attributes["d.test"].ecc', true],
  ['device.attributes["d.test"].firmware.isGreaterThan(semver("1.9.0"))', true],
  ['device.attributes["x.test"].rack == "r7"', true],
  ['2 in device.attributes["d.test"].ports', true],
  ['device.attributes["d.test"].tools.exists(v, v.major() == 2)', true],
  ['"model" in device.attributes["y.test"]', false],
  ['"y.test" in device.attributes', false],
  ['"x.test" in device.attributes', true],
  ['device.attributes["y.test"].?model.orValue("none") == "none"', true],
  ['device.capacity["d.test"].memory.isGreaterThan(quantity("39Gi"))', true],
  ['device.capacity["x.test"].slots.asInteger() == 4', true],
  ['device.allowMultipleAllocations', false],
])('%s', (expression, expected) => {
  const variable = cel.value.deviceVariable(device);
  expect(compileSelector(expression).evaluate({ device: variable }, selectorBudget).value).toBe(expected);
});

test('a domain may be missing, an attribute of it not', () => {
  const program = compileSelector('device.attributes["y.test"].model == "m1"');
  const variable = cel.value.deviceVariable(device);
  expect(() => program.evaluate({ device: variable }, selectorBudget)).toThrow('no such key: model');
});
