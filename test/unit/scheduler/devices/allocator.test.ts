import { beforeAll, describe, expect, test } from 'vitest';
import { cel } from '../../../../src/api/cel/cel.ts';
import type { Device, DeviceClaim, DeviceRequest } from '../../../../src/api/types/resource-v1.gen.ts';
import { BadClaim, NotHere } from '../../../../src/scheduler/devices/allocator.ts';
import { NoSuchClass } from '../../../../src/scheduler/devices/demands.ts';
import { allocations, devicesGiven, driver, having, type Situation } from './kit.ts';

beforeAll(() => cel.ready());

type Exactly = Partial<NonNullable<DeviceRequest['exactly']>>;
const request = (name: string, fields: Exactly = {}): DeviceRequest => ({
  name,
  exactly: { deviceClassName: 'any', allocationMode: 'ExactCount', count: 1, ...fields },
});
const all = (name: string, fields: Exactly = {}): DeviceRequest => ({
  name,
  exactly: { deviceClassName: 'any', allocationMode: 'All', ...fields },
});
const either = (name: string, ...options: readonly (Exactly & { readonly name: string })[]): DeviceRequest => ({
  name,
  firstAvailable: options.map((option) => ({ deviceClassName: 'any', ...option })),
});
const where = (expression: string): Exactly => ({ selectors: [{ cel: { expression } }] });
const ask = (...requests: DeviceRequest[]): DeviceClaim => ({ requests });
const numa = (name: string, int: number, fields: Partial<Device> = {}): Device => ({
  name,
  attributes: { numa: { int }, [`${driver}/model`]: { string: 'm1' }, fast: { bool: int === 1 } },
  ...fields,
});
const three = [{ devices: [numa('a', 0), numa('b', 1), numa('c', 1)] }];

test.each<[string, Situation, string[] | undefined]>([
  ['the first device that will do', { slices: three, claims: [ask(request('r'))] }, ['r=a']],
  ['as many as it asks for', { slices: three, claims: [ask(request('r', { count: 2 }))] }, ['r=a, r=b']],
  ['none when there are too few', { slices: three, claims: [ask(request('r', { count: 4 }))] }, undefined],
  ['one its class takes', { slices: three, claims: [ask(request('r', { deviceClassName: 'fast' }))] }, ['r=b']],
  [
    'one its own selector takes',
    { slices: three, claims: [ask(request('r', where(`device.attributes["${driver}"].numa == 1`)))] },
    ['r=b'],
  ],
  [
    'no device with nothing of a domain',
    { slices: three, claims: [ask(request('r', where('"x" in device.attributes["other.test"]')))] },
    undefined,
  ],
  ['others than those in use', { slices: three, claims: [ask(request('r'))], others: [having('a')] }, ['r=b']],
  [
    'others than the claim before it',
    { slices: three, claims: [ask(request('r')), ask(request('s', { count: 2 }))] },
    ['r=a', 's=b, s=c'],
  ],
  [
    'one that leaves the right one for the request after it',
    {
      slices: three,
      claims: [ask(request('r', { count: 2 }), request('s', where(`device.attributes["${driver}"].numa == 0`)))],
    },
    ['r=b, r=c, s=a'],
  ],
  ['all of them', { slices: three, claims: [ask(all('r', { deviceClassName: 'fast' }))] }, ['r=b, r=c']],
  ['all of none: nothing', { slices: [], claims: [ask(all('r'))] }, undefined],
  ['all of them, or nothing', { slices: three, claims: [ask(all('r'))], others: [having('c')] }, undefined],
  [
    'the alternative it prefers',
    { slices: three, claims: [ask(either('r', { name: 'two', count: 2 }, { name: 'one', count: 1 }))] },
    ['r/two=a, r/two=b'],
  ],
  [
    'the alternative there is',
    { slices: three, claims: [ask(either('r', { name: 'four', count: 4 }, { name: 'one', count: 1 }))] },
    ['r/one=a'],
  ],
  [
    'the alternative that leaves enough for others',
    {
      slices: three,
      claims: [ask(either('r', { name: 'two', count: 2 }, { name: 'one', count: 1 }), request('s', { count: 2 }))],
    },
    ['r/one=a, s=b, s=c'],
  ],
  [
    'a device in use, to administer it',
    { slices: three, claims: [ask(request('r', { adminAccess: true }))], others: [having('a')] },
    ['r=a'],
  ],
  [
    'a device that somebody administers',
    { slices: three, claims: [ask(request('r'))], others: [having('a', { adminAccess: true })] },
    ['r=a'],
  ],
  [
    'as many as it may have',
    {
      slices: [{ devices: Array.from({ length: 33 }, (_, n) => ({ name: `d${n}` })) }],
      claims: [ask(request('r', { count: 32 }))],
    },
    [Array.from({ length: 32 }, (_, n) => `r=d${n}`).join(', ')],
  ],
])('a claim gets %s', (_, situation, expected) => {
  expect(devicesGiven(situation)).toEqual(expected);
});

describe('constraints', () => {
  const two = (...constraints: DeviceClaim['constraints'] & object): DeviceClaim => ({
    requests: [request('r', { count: 2 })],
    constraints,
  });
  const listed = (name: string, ...ints: number[]): Device => ({ name, attributes: { numa: { ints } } });
  test.each<[string, Situation, string[] | undefined]>([
    ['devices alike', { slices: three, claims: [two({ matchAttribute: `${driver}/numa` })] }, ['r=b, r=c']],
    ['devices that differ', { slices: three, claims: [two({ distinctAttribute: `${driver}/numa` })] }, ['r=a, r=b']],
    [
      'an attribute with its domain',
      { slices: three, claims: [two({ matchAttribute: `${driver}/model` })] },
      ['r=a, r=b'],
    ],
    ['an attribute nothing has', { slices: three, claims: [two({ matchAttribute: `${driver}/x` })] }, undefined],
    [
      'of one request only',
      {
        slices: three,
        claims: [
          {
            requests: [request('r', { count: 1 }), request('s', { count: 2 })],
            constraints: [{ requests: ['s'], matchAttribute: `${driver}/numa` }],
          },
        ],
      },
      ['r=a, s=b, s=c'],
    ],
    [
      'lists with something in common',
      {
        slices: [{ devices: [listed('a', 1), listed('b', 2, 3), listed('c', 3, 4)] }],
        claims: [two({ matchAttribute: `${driver}/numa` })],
      },
      ['r=b, r=c'],
    ],
    [
      'lists with nothing in common',
      {
        slices: [{ devices: [listed('b', 2, 3), listed('c', 3, 4), listed('a', 1)] }],
        claims: [two({ distinctAttribute: `${driver}/numa` })],
      },
      ['r=b, r=a'],
    ],
  ])('ask for %s', (_, situation, expected) => {
    expect(devicesGiven(situation)).toEqual(expected);
  });
});

describe('taints', () => {
  const tainted = (effect: 'None' | 'NoSchedule' | 'NoExecute') => [
    { devices: [{ name: 'a', taints: [{ key: 'sick', effect }] }] },
  ];
  test.each<[string, Situation, string[] | undefined]>([
    ['keep claims away', { slices: tainted('NoExecute'), claims: [ask(request('r'))] }, undefined],
    ['of no effect do not', { slices: tainted('None'), claims: [ask(request('r'))] }, ['r=a']],
    [
      'can be tolerated',
      {
        slices: tainted('NoSchedule'),
        claims: [ask(request('r', { tolerations: [{ key: 'sick', operator: 'Exists' }] }))],
      },
      ['r=a'],
    ],
    [
      'keep admins away, too',
      { slices: tainted('NoSchedule'), claims: [ask(request('r', { adminAccess: true }))] },
      undefined,
    ],
  ])('%s', (_, situation, expected) => {
    expect(devicesGiven(situation)).toEqual(expected);
  });
});

describe('devices that share counters', () => {
  const part = (name: string, memory: string): Device => ({
    name,
    consumesCounters: [{ counterSet: 'gpu', counters: { memory: { value: memory } } }],
  });
  const slices = [
    { name: 's1', of: 2, sharedCounters: [{ name: 'gpu', counters: { memory: { value: '80Gi' } } }] },
    { name: 's2', of: 2, devices: [part('whole', '80Gi'), part('half-1', '40Gi'), part('half-2', '40Gi')] },
  ];
  test.each<[string, Situation, string[] | undefined]>([
    ['a whole', { slices, claims: [ask(request('r'))] }, ['r=whole']],
    ['halves of the same', { slices, claims: [ask(request('r', { count: 2 }))] }, ['r=half-1, r=half-2']],
    ['not more than there is', { slices, claims: [ask(request('r', { count: 3 }))] }, undefined],
    ['the other half', { slices, claims: [ask(request('r'))], others: [having('half-1')] }, ['r=half-2']],
    [
      'nothing of what is taken as a whole',
      { slices, claims: [ask(request('r'))], others: [having('whole')] },
      undefined,
    ],
  ])('give %s', (_, situation, expected) => {
    expect(devicesGiven(situation)).toEqual(expected);
  });
});

describe('a device of several claims', () => {
  const nic: Device = {
    name: 'nic',
    allowMultipleAllocations: true,
    capacity: {
      bandwidth: { value: '10G', requestPolicy: { default: '1G', validRange: { min: '1G', step: '1G' } } },
    },
  };
  const slices = [{ devices: [nic] }];
  const wanting = (bandwidth: string, name = `${driver}/bandwidth`) =>
    ask(request('r', { capacity: { requests: { [name]: bandwidth } } }));
  const using = (bandwidth: string) => having('nic', { shareID: 'x', consumedCapacity: { bandwidth } });
  const consumed = (situation: Situation) =>
    allocations(situation).map(({ devices }) => devices?.results?.[0]?.consumedCapacity?.['bandwidth']);

  test.each<[string, Situation, (string | undefined)[]]>([
    ['the default', { slices, claims: [ask(request('r'))] }, ['1G']],
    ['what it asks for, rounded up', { slices, claims: [wanting('1500M')] }, ['2G']],
    ['at least the minimum', { slices, claims: [wanting('1')] }, ['1G']],
    ['what is left', { slices, claims: [wanting('4G')], others: [using('6G')] }, ['4G']],
    ['nothing beyond', { slices, claims: [wanting('5G')], others: [using('6G')] }, []],
    ['its part with another claim of the pod', { slices, claims: [wanting('6G'), wanting('4G')] }, ['6G', '4G']],
    ['nothing beside another claim of the pod', { slices, claims: [wanting('6G'), wanting('5G')] }, []],
    ['nothing of a capacity it has not', { slices, claims: [wanting('1G', 'x.test/bandwidth')] }, []],
    ['the same under the short name', { slices, claims: [wanting('3G', 'bandwidth')] }, ['3G']],
  ])('gives each %s', (_, situation, expected) => {
    expect(consumed(situation)).toEqual(expected);
  });

  test('gives each use a name', () => {
    const ids = allocations({ slices, claims: [wanting('1G'), wanting('1G')] }).map(
      ({ devices }) => devices?.results?.[0]?.shareID,
    );
    expect(new Set(ids).size).toBe(2);
    expect(ids).not.toContain(undefined);
  });
});

test('a capacity that is asked for must be there, of whatever device', () => {
  const slices = [
    {
      devices: [
        { name: 's', capacity: { memory: { value: '8Gi' } } },
        { name: 'l', capacity: { memory: { value: '80Gi' } } },
      ],
    },
  ];
  const capacity = { requests: { memory: '40Gi' } };
  expect(devicesGiven({ slices, claims: [ask(request('r', { capacity }))] })).toEqual(['r=l']);
});

describe('where devices are', () => {
  const here = { name: 'n1', labels: { zone: 'x' } };
  const selector = (zone: string) => ({
    nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In' as const, values: [zone] }] }],
  });
  test.each<[string, Situation, string[] | undefined]>([
    ['on the node', { slices: [{ nodeName: 'n1', devices: [numa('a', 0)] }], claims: [ask(request('r'))] }, ['r=a']],
    [
      'on another node',
      { slices: [{ nodeName: 'n2', devices: [numa('a', 0)] }], claims: [ask(request('r'))] },
      undefined,
    ],
    [
      'in the zone',
      { node: here, slices: [{ nodeSelector: selector('x'), devices: [numa('a', 0)] }], claims: [ask(request('r'))] },
      ['r=a'],
    ],
    [
      'in another zone',
      { node: here, slices: [{ nodeSelector: selector('y'), devices: [numa('a', 0)] }], claims: [ask(request('r'))] },
      undefined,
    ],
    [
      'each in its place',
      {
        node: here,
        slices: [
          {
            perDeviceNodeSelection: true,
            devices: [numa('a', 0, { nodeName: 'n2' }), numa('b', 0, { nodeSelector: selector('x') })],
          },
        ],
        claims: [ask(request('r'))],
      },
      ['r=b'],
    ],
    [
      'of the newest generation',
      {
        slices: [
          { name: 's1', devices: [numa('old', 0)] },
          { name: 's2', generation: 2, devices: [numa('new', 0)] },
        ],
        claims: [ask(request('r'))],
      },
      ['r=new'],
    ],
    [
      'in a pool that is not complete',
      { slices: [{ of: 2, devices: [numa('a', 0)] }], claims: [ask(request('r'))] },
      undefined,
    ],
    [
      'first where nothing must be prepared',
      {
        slices: [
          { pool: 'a', devices: [numa('slow', 0, { bindingConditions: ['x'] })] },
          { pool: 'b', devices: [numa('quick', 0)] },
        ],
        claims: [ask(request('r'))],
      },
      ['r=quick'],
    ],
  ])('%s', (_, situation, expected) => {
    expect(devicesGiven(situation)).toEqual(expected);
  });

  test('the allocation says', () => {
    const of = (slices: Situation['slices']) =>
      allocations({ node: here, slices, claims: [ask(request('r'))] })[0]?.nodeSelector;
    const only = { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }] };
    expect(of([{ nodeName: 'n1', devices: [numa('a', 0)] }])).toEqual(only);
    expect(of([{ devices: [numa('a', 0, { bindsToNode: true })] }])).toEqual(only);
    expect(of([{ nodeSelector: selector('x'), devices: [numa('a', 0)] }])).toEqual(selector('x'));
    expect(of(three)).toBeUndefined();
  });
});

test('configurations are those of the classes and of the claim that concern what was taken', () => {
  const opaque = (turbo: number) => ({ opaque: { driver, parameters: { turbo } } });
  const devices: DeviceClaim = {
    requests: [
      request('r', { deviceClassName: 'fast' }),
      either('s', { name: 'x', deviceClassName: 'fast' }, { name: 'y' }),
    ],
    config: [
      opaque(1),
      { requests: ['r'], ...opaque(2) },
      { requests: ['s/x'], ...opaque(3) },
      { requests: ['s/y'], ...opaque(4) },
    ],
  };
  expect(allocations({ slices: three, claims: [devices] })[0]?.devices?.config).toEqual([
    { source: 'FromClass', requests: ['r', 's/x'], opaque: { driver, parameters: { turbo: true } } },
    { source: 'FromClaim', ...opaque(1) },
    { source: 'FromClaim', requests: ['r'], ...opaque(2) },
    { source: 'FromClaim', requests: ['s/x'], ...opaque(3) },
  ]);
});

test.each<[string, Situation, new (...args: never[]) => Error, string]>([
  [
    'a class that is not there',
    { slices: three, claims: [ask(request('r', { deviceClassName: 'none' }))] },
    NoSuchClass,
    'request r: device class none does not exist',
  ],
  [
    'an expression that fails',
    { slices: three, claims: [ask(request('r', where(`device.attributes["${driver}"].x == 1`)))] },
    BadClaim,
    'claim default/c0: selector #0: CEL runtime error: no such key: x',
  ],
  [
    'all devices of a pool that is being published',
    { slices: [{ of: 2, devices: [numa('a', 0)] }], claims: [ask(all('r'))] },
    NotHere,
    'claim default/c0, request r: asks for all devices, but resource pool dra.test/pool is currently being updated',
  ],
  [
    'devices of pools that make no sense',
    { slices: [{ devices: [numa('a', 0), numa('a', 1)] }], claims: [ask(request('r'))] },
    NotHere,
    'invalid resource pools were encountered',
  ],
  [
    'more devices than a claim may have',
    { slices: three, claims: [ask(request('r', { count: 33 }))] },
    BadClaim,
    'claim default/c0: number of requested devices 33 exceeds the claim limit of 32',
  ],
  [
    'all devices, against a constraint',
    { slices: three, claims: [{ requests: [all('r')], constraints: [{ matchAttribute: `${driver}/numa` }] }] },
    BadClaim,
    'claim default/c0, request r: cannot add device dra.test/pool/b because a claim constraint would not be satisfied',
  ],
  [
    'a search without end',
    {
      slices: [{ devices: Array.from({ length: 30 }, (_, n) => numa(`d${n}`, n)) }],
      claims: [
        { requests: [request('r', { count: 20 }), request('s', where(`device.attributes["${driver}"].numa == 99`))] },
      ],
    },
    NotHere,
    'timed out trying to allocate all claims',
  ],
])('%s is told', (_, situation, type, message) => {
  const failing = () => devicesGiven(situation);
  expect(failing).toThrow(type);
  expect(failing).toThrow(message);
});
