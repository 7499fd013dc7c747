import { expect, test } from 'vitest';
import { create, refusals, set, update } from './rules-kit.ts';

const kind = 'horizontalpodautoscalers/autoscaling/v2';
const spec = (extra = '', max = '5') =>
  `spec: {maxReplicas: ${max}, scaleTargetRef: {kind: Deployment, name: web, apiVersion: apps/v1}${extra && `, ${extra}`}}`;

test('an autoscaler measures the processor unless told otherwise', () => {
  const { object, errors } = create(kind, spec());
  expect(errors).toEqual([]);
  expect(object['spec']).toMatchObject({
    minReplicas: 1,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }],
  });
  expect(object['spec']).not.toHaveProperty('behavior');
});

test('rules of scaling are filled in once there are any', () => {
  const { object, errors } = create(kind, spec('behavior: {scaleDown: {selectPolicy: Disabled}}'));
  expect(errors).toEqual([]);
  expect(object['spec']).toMatchObject({
    behavior: {
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [
          { type: 'Pods', value: 4, periodSeconds: 15 },
          { type: 'Percent', value: 100, periodSeconds: 15 },
        ],
      },
      scaleDown: { selectPolicy: 'Disabled', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
    },
  });
});

const metrics = (text: string) => spec(`metrics: [{${text}}]`);

test.each<[string, string, string[]]>([
  [
    'no room',
    spec('', '0'),
    [
      'spec.maxReplicas: Invalid value: 0: must be greater than 0',
      'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
    ],
  ],
  [
    'no target',
    'spec: {maxReplicas: 1}',
    [
      'spec.scaleTargetRef.kind: Required value',
      'spec.scaleTargetRef.name: Required value',
      'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
    ],
  ],
  [
    'a source that is missing',
    metrics('type: Pods'),
    ['spec.metrics[0].pods: Required value: must populate information for the given metric source'],
  ],
  [
    'two goals',
    metrics(
      'type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 1, averageValue: 1}}',
    ),
    [
      'spec.metrics[0].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization',
    ],
  ],
  [
    'an unknown source of another',
    metrics(
      'type: Pods, resource: {name: cpu, target: {type: Utilization, averageUtilization: 1}}, pods: {metric: {name: m}, target: {type: AverageValue, averageValue: 1}}',
    ),
    ['spec.metrics[0].resource: Forbidden: must populate the given metric source only'],
  ],
  [
    'a policy without a period',
    spec('behavior: {scaleUp: {policies: [{type: Pods, value: 1, periodSeconds: 0}]}}'),
    ['spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 0: must be greater than zero'],
  ],
])('an autoscaler is refused for %s', (_, yaml, expected) => {
  expect(refusals(kind, yaml)).toEqual(expected);
});

test.each<[string, string, string[]]>([
  [
    'scales to nothing by what its pods use',
    spec('minReplicas: 0'),
    [
      'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
      'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
    ],
  ],
  ['tolerates a little', spec('behavior: {scaleUp: {tolerance: 50m}}'), []],
  [
    'tolerates less than nothing',
    spec('behavior: {scaleUp: {tolerance: -50m}}'),
    ['spec.behavior.scaleUp.tolerance: Invalid value: "-50m": must be greater than or equal to 0'],
  ],
  [
    'measures what every object has',
    metrics('type: toString'),
    [
      'spec.metrics[0].type: Unsupported value: "toString": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
      'spec.metrics[0].type: Unsupported value: "toString": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
    ],
  ],
])('an autoscaler that %s', (_what, yaml, expected) => {
  expect(refusals(kind, yaml)).toEqual(expected);
});

const target = (text: string) => `spec: {maxReplicas: 5, scaleTargetRef: {name: web, ${text}}}`;
const version = 'spec.scaleTargetRef.apiVersion';

test.each<[string, string, string[]]>([
  ['no version', target('kind: Deployment'), [`${version}: Invalid value: "": apiVersion must specify API group`]],
  [
    'a version of the core group',
    target('kind: Deployment, apiVersion: v1'),
    [`${version}: Invalid value: "v1": apiVersion must specify API group`],
  ],
  [
    'a version with two slashes',
    target('kind: Deployment, apiVersion: a/b/c'),
    [`${version}: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c`],
  ],
  ['the only kind of the core group that scales', target('kind: ReplicationController, apiVersion: v1'), []],
])('an autoscaler whose target has %s', (_what, yaml, expected) => {
  expect(refusals(kind, yaml)).toEqual(expected);
});

const measured = (apiVersion: string) =>
  metrics(
    `type: Object, object: {describedObject: {kind: Service, name: s, apiVersion: ${apiVersion}}, metric: {name: m}, target: {type: Value, value: 1}}`,
  );
const described = 'spec.metrics[0].object.describedObject.apiVersion';
const broken = 'Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c';

test('objects that are measured may be of the core group', () => {
  expect(refusals(kind, measured('v1'))).toEqual([]);
  expect(refusals(kind, measured('a/b/c'))).toEqual([`${described}: ${broken}`]);
});

test('versions stored before they were checked may stay', () => {
  const old = target('kind: Deployment');
  expect(update(kind, old, (object) => set(object, 'spec.maxReplicas', 7))).toEqual([]);
  expect(update(kind, old, (object) => set(object, 'spec.scaleTargetRef.kind', 'StatefulSet'))).toEqual([
    `${version}: Invalid value: "": apiVersion must specify API group`,
  ]);
  const object = 'spec.metrics.0.object.describedObject.apiVersion';
  expect(update(kind, measured('a/b/c'), (changed) => set(changed, object, 'd/e/f'))).toEqual([]);
  expect(update(kind, measured('v1'), (changed) => set(changed, object, 'a/b/c'))).toEqual([`${described}: ${broken}`]);
});
