import { expect, test } from 'vitest';
import { ErrorList } from '../../../src/api/field-errors.ts';
import type { KubeObject, Mutable } from '../../../src/api/object.ts';
import { thaw } from '../../../src/api/object.ts';
import { context, create, definition, set, updateSubresource } from './rules-kit.ts';

const claims = 'persistentvolumeclaims';
const spec = (extra = '') =>
  `accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}${extra && `, ${extra}`}`;
const oldClass = 'volume.beta.kubernetes.io/storage-class';

/** An update of a claim that has a status already. */
function update(yaml: string, status: object, change: (object: Mutable<KubeObject>) => void): string[] {
  const old = create(claims, yaml).object;
  old['status'] = status;
  const object = thaw(old as KubeObject) as Mutable<KubeObject>;
  change(object);
  const { defaults, prepareUpdate, validate, validateUpdate } = definition(claims);
  const errors = new ErrorList();
  defaults?.(object);
  prepareUpdate?.(object, old as KubeObject, context);
  validate?.(object, errors, old as KubeObject);
  validateUpdate?.(object, old as KubeObject, errors);
  return errors.errors.map(({ text }) => text.split('\n')[0]!);
}

const bound = { phase: 'Bound', capacity: { storage: '1Gi' } };
const frozen =
  'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
const size = 'spec.resources.requests.storage';

test.each<[string, string, object, string, unknown, string[]]>([
  ['grows', spec(), bound, size, '3Gi', []],
  ['grows before it is bound', spec(), { phase: 'Pending' }, size, '3Gi', [frozen]],
  ['asks for less than it failed to get', spec(), bound, size, '1500Mi', []],
  [
    'shrinks',
    spec(),
    bound,
    size,
    '1Gi',
    ['spec.resources.requests.storage: Forbidden: field can not be less than status.capacity'],
  ],
  ['gets its volume', spec(), { phase: 'Pending' }, 'spec.volumeName', 'v', []],
  ['gets another volume', spec('volumeName: v'), bound, 'spec.volumeName', 'w', [frozen]],
  ['gets a class once there is a default', spec(), { phase: 'Pending' }, 'spec.storageClassName', 'fast', []],
  ['gets another class', spec('storageClassName: slow'), bound, 'spec.storageClassName', 'fast', [frozen]],
  ['gets other attributes', spec('volumeAttributesClassName: a'), bound, 'spec.volumeAttributesClassName', 'b', []],
  [
    'gets other attributes before it is bound',
    spec('volumeAttributesClassName: a'),
    { phase: 'Pending' },
    'spec.volumeAttributesClassName',
    'b',
    [frozen],
  ],
  [
    'loses its attributes',
    spec('volumeAttributesClassName: a'),
    bound,
    'spec.volumeAttributesClassName',
    undefined,
    ['spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden'],
  ],
  [
    'becomes a block device',
    spec(),
    bound,
    'spec.volumeMode',
    'Block',
    [frozen, 'volumeMode: Invalid value: "Block": field is immutable'],
  ],
])('a claim %s', (_what, fields, status, path, value, expected) => {
  expect(update(`{spec: {${fields}}}`, status, (object) => set(object, path, value))).toEqual(expected);
});

test('a class moves from the annotation to the field, and to nothing else', () => {
  const yaml = `{metadata: {annotations: {${oldClass}: slow}}, spec: {${spec()}}}`;
  expect(update(yaml, bound, (object) => set(object, 'spec.storageClassName', 'slow'))).toEqual([]);
  expect(update(yaml, bound, (object) => set(object, 'spec.storageClassName', 'fast'))).toEqual([frozen]);
  expect(update(yaml, bound, (object) => void (object.metadata.annotations = { [oldClass]: 'fast' }))).toEqual([
    `metadata.annotations.${oldClass}: Invalid value: "fast": field is immutable`,
  ]);
});

test('a status says which sizes were given', () => {
  const { errors } = updateSubresource(claims, 'status', `{spec: {${spec()}}}`, (object) =>
    set(object, 'status', {
      capacity: { storage: '-1' },
      allocatedResourceStatuses: { storage: 'NodeResizePending', cpu: 'Resizing' },
      allocatedResources: { storage: '-1', memory: '1', 'acme.io/x': '1' },
    }),
  );
  expect(errors).toEqual([
    'status.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
    'status.allocatedResourceStatus: Unsupported value: "cpu": supported values: "storage"',
    'status.allocatedResourceStatus: Unsupported value: "cpu": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
    'status.allocatedResources[storage]: Invalid value: -1: must be a valid resource quantity',
    'status.allocatedResources: Unsupported value: "memory": supported values: "storage"',
  ]);
});
