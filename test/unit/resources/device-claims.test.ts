import { expect, test } from 'vitest';
import { ErrorList } from '../../../src/api/field-errors.ts';
import type { KubeObject, Mutable } from '../../../src/api/object.ts';
import { context, create, definition, refusals, set, update } from './rules-kit.ts';

const claims = 'resourceclaims/resource.k8s.io';
const templates = 'resourceclaimtemplates/resource.k8s.io';
const classes = 'deviceclasses/resource.k8s.io';
const immutable = 'field is immutable';

const gpu = '{name: gpu, exactly: {deviceClassName: gpus}}';
const either =
  '{name: any, firstAvailable: [{name: big, deviceClassName: big}, {name: small, deviceClassName: small}]}';
const claim = (devices: string) => `spec: {devices: {${devices}}}`;
const exactly = (values: string) => claim(`requests: [{name: gpu, exactly: {deviceClassName: gpus, ${values}}}]`);

test('a request is for one device unless it says how many', () => {
  const { object, errors } = create(claims, claim(`requests: [${gpu}, ${either}]`));
  expect(errors).toEqual([]);
  const one = { allocationMode: 'ExactCount', count: 1 };
  expect(object).toMatchObject({
    spec: { devices: { requests: [{ exactly: one }, { firstAvailable: [one, one] }] } },
    status: {},
  });
  expect(create(claims, exactly('allocationMode: All')).object).not.toHaveProperty(
    'spec.devices.requests.0.exactly.count',
  );
});

const unknown = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

test.each<[string, string[]]>([
  [
    exactly(
      'selectors: [{cel: {expression: \'device.driver == "a" && device.capacity["a"].memory.isGreaterThan(quantity("1Gi"))\'}}]',
    ),
    [],
  ],
  [exactly(`selectors: [{cel: {expression: 'device.attributes["a"].big'}}]`), []],
  [claim(`requests: [${gpu}, ${either}], constraints: [{requests: [gpu, any/big], matchAttribute: a.b/c}]`), []],
  [claim(`requests: [${gpu}], config: [{requests: [gpu], opaque: {driver: d, parameters: {a: 1}}}]`), []],
  [exactly('tolerations: [{operator: Exists}, {key: a, operator: Equal, value: b, effect: NoSchedule}]'), []],
  [
    claim(
      `requests: [${gpu}, ${gpu}, {name: G}, {name: both, exactly: {deviceClassName: c}, firstAvailable: [{name: a, deviceClassName: c}]}]`,
    ),
    [
      expect.stringMatching(
        /^spec.devices.requests\[2\].name: Invalid value: "G": a lowercase RFC 1123 label/,
      ) as never,
      'spec.devices.requests[2]: Required value: exactly one of `exactly` or `firstAvailable` is required',
      'spec.devices.requests[3]: Invalid value: null: exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set',
      'spec.devices.requests[1]: Duplicate value: "gpu"',
    ],
  ],
  [
    claim(
      'requests: [{name: a, exactly: {deviceClassName: "", allocationMode: Some}}, {name: b, exactly: {deviceClassName: c, allocationMode: All, count: 2}}, {name: c, exactly: {deviceClassName: c, count: -1}}]',
    ),
    [
      'spec.devices.requests[0].exactly.deviceClassName: Required value',
      'spec.devices.requests[0].exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"',
      "spec.devices.requests[1].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'",
      'spec.devices.requests[2].exactly.count: Invalid value: -1: must be greater than zero',
    ],
  ],
  [
    exactly(`selectors: [{}, {cel: {expression: "1"}}, {cel: {expression: "device.x"}}]`),
    [
      'spec.devices.requests[0].exactly.selectors[0].cel: Required value',
      'spec.devices.requests[0].exactly.selectors[1].cel.expression: Invalid value: "1": must evaluate to bool or the unknown type, not int',
      expect.stringMatching(
        /^spec.devices.requests\[0\].exactly.selectors\[2\].cel.expression: Invalid value: "device.x": compilation failed: ERROR: <input>:1:7: undefined field 'x'/,
      ) as never,
    ],
  ],
  [
    claim(
      `requests: [${gpu}, ${either}], constraints: [{}, {requests: [gpu/x, gpu, gpu, a/b/c], matchAttribute: c}, {distinctAttribute: "/"}]`,
    ),
    [
      'spec.devices.constraints[0]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
      `spec.devices.constraints[1].requests[0]: Invalid value: "gpu/x": ${unknown}`,
      `spec.devices.constraints[1].requests[3]: Invalid value: "a/b/c": ${unknown}`,
      'spec.devices.constraints[1].requests[2]: Duplicate value: "gpu"',
      'spec.devices.constraints[1].matchAttribute: Invalid value: "c": a fully qualified name must be a domain and a name separated by a slash',
      'spec.devices.constraints[2].distinctAttribute: Invalid value: "": the domain must not be empty',
      'spec.devices.constraints[2].distinctAttribute: Invalid value: "": the name must not be empty',
    ],
  ],
  [
    claim(`requests: [${gpu}], config: [{}, {opaque: {driver: "", parameters: [1]}}, {opaque: {driver: d}}]`),
    [
      'spec.devices.config[0].opaque: Required value',
      'spec.devices.config[1].opaque.driver: Required value',
      'spec.devices.config[1].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object',
      'spec.devices.config[2].opaque.parameters: Required value',
    ],
  ],
  [
    exactly('tolerations: [{operator: Odd, effect: Odd}, {operator: Exists, value: a}, {key: "?", operator: Equal}]'),
    [
      'spec.devices.requests[0].exactly.tolerations[0].operator: Unsupported value: "Odd": supported values: "Equal", "Exists"',
      'spec.devices.requests[0].exactly.tolerations[0].effect: Unsupported value: "Odd": supported values: "NoExecute", "NoSchedule", "None"',
      'spec.devices.requests[0].exactly.tolerations[1].value: Invalid value: "a": must be empty for operator `Exists`',
      expect.stringMatching(/tolerations\[2\].key: Invalid value: "\?": name part must consist of/) as never,
    ],
  ],
])('a claim %s', (yaml, expected) => {
  expect(refusals(claims, yaml)).toEqual(expected);
});

test('expressions and parameters are 10 KiB long at most, and expressions cost a million at most', () => {
  const long = 'x'.repeat(10_240);
  const at = 'spec.devices.requests[0].exactly.selectors[0].cel.expression';
  expect(refusals(claims, exactly(`selectors: [{cel: {expression: "'${long}'"}}]`))).toEqual([
    `${at}: Too long: may not be more than 10240 bytes`,
  ]);
  expect(
    refusals(claims, claim(`requests: [${gpu}], config: [{opaque: {driver: d, parameters: {a: ${long}}}}]`)),
  ).toEqual(['spec.devices.config[0].opaque.parameters: Too long: may not be more than 10240 bytes']);
  const walk = 'device.attributes.all(a, device.attributes.all(b, device.attributes.all(c, true)))';
  const deep = `device.attributes.all(z, ${walk})`;
  expect(refusals(claims, exactly(`selectors: [{cel: {expression: '${walk}'}}]`))).toEqual([]);
  expect(refusals(claims, exactly(`selectors: [{cel: {expression: '${deep}'}}]`))).toEqual([
    `${at}: Forbidden: too complex, exceeds cost limit`,
  ]);
});

test('a claim asks for 32 things at most', () => {
  const list = (count: number) =>
    Array.from({ length: count }, (_, i) => `{name: n${i}, exactly: {deviceClassName: c}}`);
  expect(refusals(claims, claim(`requests: [${list(32).join(', ')}]`))).toEqual([]);
  expect(refusals(claims, claim(`requests: [${list(33).join(', ')}]`))).toEqual([
    'spec.devices.requests: Too many: 33: must have at most 32 items',
  ]);
});

test('what a claim or a template asks for is fixed', () => {
  const changed = { name: 'b', exactly: { deviceClassName: 'c' } };
  const errors = update(claims, claim(`requests: [${gpu}]`), (object) =>
    set(object, 'spec.devices.requests.0', changed),
  );
  expect(errors).toEqual([expect.stringMatching(`^spec: Invalid value: .*: ${immutable}$`)]);
  expect(update(claims, claim(`requests: [${gpu}]`), (object) => set(object, 'metadata.labels', { a: 'b' }))).toEqual(
    [],
  );
  const template = `spec: {metadata: {labels: {a: b}}, ${claim(`requests: [${gpu}]`)}}`;
  expect(refusals(templates, template)).toEqual([]);
  expect(update(templates, template, (object) => set(object, 'spec.metadata.labels.a', 'c'))).toHaveLength(1);
  expect(refusals(templates, 'spec: {metadata: {name: a}, spec: {devices: {requests: [{name: a}]}}}')).toEqual([
    'spec.metadata.name: Forbidden: cannot be set',
    'spec.spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required',
  ]);
});

/** An update of the status of a claim for one device whose status is `stored`. */
function later(stored: object, status: object, metadata: object = {}) {
  const made = create(claims, claim(`requests: [${gpu}]`)).object;
  const base = { ...made, metadata: { ...made.metadata, ...metadata } };
  const old = { ...base, status: stored } as KubeObject;
  const object = { ...base, status: structuredClone(status) } as Mutable<KubeObject>;
  const errors = new ErrorList();
  const rules = definition(claims).status;
  rules?.prepareUpdate?.(object, old, context);
  rules?.validateUpdate?.(object, old, errors, context);
  return { status: object['status'], errors: errors.errors.map((error) => error.text) };
}

const result = { request: 'gpu', driver: 'd.example.com', pool: 'node/a', device: 'gpu-0' };
const allocation = { devices: { results: [result] } };
const pod = (uid: string) => ({ resource: 'pods', name: 'p', uid });
const where = { driver: 'd.example.com', pool: 'node/a', device: 'gpu-0' };

test('a claim is allocated once, and used only while it is', () => {
  expect(later({}, { allocation, reservedFor: [pod('1')], devices: [where] }).errors).toEqual([]);
  expect(later({}, { reservedFor: [pod('1'), pod('1'), {}] }).errors).toEqual([
    'status.reservedFor[2].resource: Required value',
    'status.reservedFor[2].name: Required value',
    'status.reservedFor[2].uid: Required value',
    'status.reservedFor[1]: Duplicate value: "1"',
    'status.reservedFor: Forbidden: may not be specified when `allocated` is not set',
  ]);
  const other = { devices: { results: [{ ...result, device: 'gpu-1' }] } };
  expect(later({ allocation }, { allocation: other }).errors).toEqual([
    expect.stringMatching(`^status.allocation: Invalid value: .*: ${immutable}$`),
  ]);
});

test('nobody comes to a claim that is being deleted', () => {
  const gone = { deletionTimestamp: '2026-01-01T00:00:00Z' };
  const stored = { allocation, reservedFor: [pod('1'), pod('2')] };
  expect(later(stored, { allocation, reservedFor: [pod('2')] }, gone).errors).toEqual([]);
  expect(later(stored, { allocation, reservedFor: [pod('3')] }, gone).errors).toEqual([
    'status.reservedFor: Forbidden: new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set',
  ]);
});

test('reports about devices go with the allocation', () => {
  const stored = { allocation, devices: [where] };
  expect(later(stored, { devices: [where] }).status).toEqual({});
  expect(later(stored, { allocation, devices: [where] }).status).toEqual(stored);
});

test.each<[string, object, string[]]>([
  [
    'a result of nothing that was asked',
    { allocation: { devices: { results: [{ request: 'x', driver: 'd', pool: '', device: 'D', shareID: 'x' }] } } },
    [
      `status.allocation.devices.results[0].request: Invalid value: "x": ${unknown}`,
      'status.allocation.devices.results[0].pool: Required value',
      expect.stringMatching(/results\[0\].device: Invalid value: "D": a lowercase/) as never,
      'status.allocation.devices.results[0].shareID: Invalid value: "x": error validating uid: invalid UUID length: 1',
    ],
  ],
  [
    'configuration from nowhere',
    {
      allocation: {
        devices: {
          results: [result],
          config: [{ source: 'Sky', requests: ['gpu'], opaque: { driver: 'd', parameters: {} } }, { source: '' }],
        },
      },
    },
    [
      'status.allocation.devices.config[0].source: Unsupported value: "Sky": supported values: "FromClaim", "FromClass"',
      'status.allocation.devices.config[1].source: Required value',
      'status.allocation.devices.config[1].opaque: Required value',
    ],
  ],
  [
    'a share in capitals',
    { allocation: { devices: { results: [{ ...result, shareID: '8B5D2A3C-0000-4000-8000-000000000001' }] } } },
    [
      'status.allocation.devices.results[0].shareID: Invalid value: "8B5D2A3C-0000-4000-8000-000000000001": uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters',
    ],
  ],
  [
    'conditions of binding without their contrary',
    {
      allocation: {
        devices: {
          results: [
            { ...result, bindingConditions: ['a', 'a'] },
            { ...result, bindingConditions: ['a'], bindingFailureConditions: ['a'] },
          ],
        },
      },
    },
    [
      'status.allocation.devices.results[0].bindingConditions[1]: Duplicate value: "a"',
      'status.allocation.devices.results[0].bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions',
      'status.allocation.devices.results[1].bindingFailureConditions[0]: Invalid value: "a": bindingFailureConditions must not overlap with bindingConditions',
    ],
  ],
  [
    'a report of a device that it has not',
    {
      allocation,
      devices: [
        {
          ...where,
          device: 'gpu-9',
          networkData: { ips: ['10.0.0.1', '10.0.0.1/24', '010.0.0.1/24'], hardwareAddress: 'x'.repeat(129) },
          data: [1],
        },
      ],
    },
    [
      'status.devices[0]: Invalid value: "d.example.com/node/a/gpu-9": must be an allocated device in the claim',
      'status.devices[0].data: Invalid value: "<value omitted>": must be a valid JSON object',
      'status.devices[0].networkData.hardwareAddress: Too long: may not be more than 128 bytes',
      'status.devices[0].networkData.ips[0]: Invalid value: "10.0.0.1": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)',
      'status.devices[0].networkData.ips[2]: Invalid value: "010.0.0.1/24": must be in canonical form ("10.0.0.1/24")',
    ],
  ],
])('the status of a claim is refused for %s', (_, status, expected) => {
  expect(later({}, status).errors).toEqual(expected);
});

test('a class of devices', () => {
  const selector = '{cel: {expression: device.driver == "d"}}';
  expect(refusals(classes, `spec: {selectors: [${selector}], extendedResourceName: example.com/gpu}`)).toEqual([]);
  expect(
    refusals(classes, 'spec: {selectors: [{cel: {expression: "1 +"}}], config: [{}], extendedResourceName: cpu}'),
  ).toEqual([
    expect.stringMatching(/^spec.selectors\[0\].cel.expression: Invalid value: "1 \+": compilation failed: /),
    'spec.config[0].opaque: Required value',
    'spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name',
  ]);
});

test('expressions of a class that were taken once are not compiled again', () => {
  const yaml = 'spec: {selectors: [{cel: {expression: "1 +"}}]}';
  expect(update(classes, yaml, (object) => set(object, 'metadata.labels', { a: 'b' }))).toEqual([]);
  expect(
    update(classes, yaml, (object) => set(object, 'spec.selectors.1', { cel: { expression: 'true' } })),
  ).toHaveLength(1);
});
