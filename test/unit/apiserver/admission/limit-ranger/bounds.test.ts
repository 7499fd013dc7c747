import { expect, test } from 'vitest';
import type { LimitRangeItem, Pod } from '../../../../../src/api/types/core-v1.gen.ts';
import { claimFindings, podFindings } from '../../../../../src/apiserver/admission/limit-ranger/bounds.ts';

type Amounts = Record<string, string>;
type Resources = { requests?: Amounts; limits?: Amounts };

const pod = (containers: Resources[], more: Record<string, unknown> = {}): Pod =>
  ({
    spec: { containers: containers.map((resources, i) => ({ name: `c${i}`, resources })), ...more },
  }) as unknown as Pod;
const item = (type: string, bounds: Record<string, Amounts>): LimitRangeItem => ({ type, ...bounds }) as never;

test.each<[string, LimitRangeItem, Resources, string[]]>([
  ['within', item('Container', { min: { cpu: '100m' }, max: { cpu: '1' } }), asks('200m', '1'), []],
  ['as little as allowed', item('Container', { min: { cpu: '100m' } }), asks('0.1'), []],
  [
    'too small a request',
    item('Container', { min: { cpu: '100m' } }),
    asks('50m'),
    ['minimum cpu usage per Container is 100m, but request is 50m'],
  ],
  [
    'no request',
    item('Container', { min: { cpu: '100m' } }),
    {},
    ['minimum cpu usage per Container is 100m.  No request is specified'],
  ],
  [
    'too small a limit',
    item('Container', { min: { cpu: '100m' } }),
    asks('100m', '99m'),
    ['minimum cpu usage per Container is 100m, but limit is 99m'],
  ],
  [
    'no limit',
    item('Container', { max: { cpu: '1' } }),
    asks('50m'),
    ['maximum cpu usage per Container is 1.  No limit is specified'],
  ],
  [
    'too large a limit',
    item('Container', { max: { cpu: '1' } }),
    asks('50m', '1001m'),
    ['maximum cpu usage per Container is 1, but limit is 1001m'],
  ],
  [
    'too large a request',
    item('Container', { max: { cpu: '1' } }),
    asks('2', '1'),
    ['maximum cpu usage per Container is 1, but request is 2'],
  ],
  ['a ratio that is just allowed', item('Container', { maxLimitRequestRatio: { cpu: '1.5' } }), asks('2', '3'), []],
  [
    'too large a ratio',
    item('Container', { maxLimitRequestRatio: { cpu: '1500m' } }),
    asks('300m', '1'),
    ['cpu max limit to request ratio per Container is 1500m, but provided ratio is 3.333333'],
  ],
  [
    'a ratio to nothing',
    item('Container', { maxLimitRequestRatio: { cpu: '2' } }),
    asks('0', '1'),
    ['cpu max limit to request ratio per Container is 2, but no request is specified or request is 0'],
  ],
  [
    'a ratio of nothing',
    item('Container', { maxLimitRequestRatio: { cpu: '2' } }),
    asks('1'),
    ['cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0'],
  ],
  ['another kind', item('PersistentVolumeClaim', { min: { storage: '1Gi' } }), {}, []],
])('a container with %s', (_, limits, resources, texts) => {
  expect(podFindings([limits], pod([resources]), undefined)).toEqual(texts);
});

function asks(request: string, limit?: string): Resources {
  return { requests: { cpu: request }, ...(limit !== undefined && { limits: { cpu: limit } }) };
}

test('a pod asks for the sum of its containers and sidecars, or for its hungriest moment of initialization', () => {
  const most = item('Pod', { max: { memory: '1Gi' } });
  const memory = (amount: string): Resources => ({ limits: { memory: amount } });
  const init = (amount: string, more = {}) => ({ name: 'i', resources: memory(amount), ...more });
  const found = (of: Pod) => podFindings([most], of, undefined);
  expect(found(pod([memory('512Mi'), memory('512Mi')]))).toEqual([]);
  expect(found(pod([memory('512Mi'), memory('513Mi')]))).toEqual([
    'maximum memory usage per Pod is 1Gi, but limit is 1025Mi',
  ]);
  expect(found(pod([memory('512Mi')], { initContainers: [init('1Gi')] }))).toEqual([]);
  expect(found(pod([memory('512Mi')], { initContainers: [init('600Mi', { restartPolicy: 'Always' })] }))).toEqual([
    'maximum memory usage per Pod is 1Gi, but limit is 1112Mi',
  ]);
  const started = [init('600Mi', { restartPolicy: 'Always' }), init('700Mi')];
  expect(found(pod([memory('1Mi')], { initContainers: started }))).toEqual([
    'maximum memory usage per Pod is 1Gi, but limit is 1300Mi',
  ]);
  expect(found(pod([memory('2Gi')], { resources: memory('1Gi') }))).toEqual([]);
});

test('what a resize leaves as it was is not judged again', () => {
  const limits = item('Container', { min: { cpu: '1', memory: '1Gi' } });
  const [before, after] = [
    pod([{ requests: { cpu: '100m', memory: '1Mi' } }]),
    pod([{ requests: { cpu: '200m', memory: '1Mi' } }]),
  ];
  expect(podFindings([limits], before, before)).toEqual([]);
  expect(podFindings([limits], after, before)).toEqual(['minimum cpu usage per Container is 1, but request is 200m']);
});

test('claims have requests only', () => {
  const limits = item('PersistentVolumeClaim', { min: { storage: '1Gi' }, max: { storage: '10Gi' } });
  const claim = (requests: Amounts) => ({ spec: { resources: { requests } } }) as never;
  expect(claimFindings([limits], claim({ storage: '10Gi' }), undefined)).toEqual([]);
  expect(claimFindings([limits], claim({ storage: '11Gi' }), undefined)).toEqual([
    'maximum storage usage per PersistentVolumeClaim is 10Gi, but request is 11Gi',
  ]);
  expect(claimFindings([limits], claim({ storage: '1Mi' }), undefined)).toEqual([
    'minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi',
  ]);
  expect(claimFindings([limits], claim({ storage: '1Mi' }), claim({ storage: '1Mi' }))).toEqual([]);
});
