import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conform } from '../../../../src/api/conform.ts';
import { optionalGroupVersionFacts } from '../../../../src/api/discovery-facts.ts';
import { kindFacts, type TypeFacts } from '../../../../src/api/facts.ts';
import { legacyGroupVersionFacts } from '../../../../src/api/legacy-facts.ts';
import type { KubeObject, Mutable } from '../../../../src/api/object.ts';
import { resourceFor } from '../../../../src/resources/index.ts';
import type { VersionConversion } from '../../../../src/resources/resource.ts';
import { arbitraryObject, arbitraryPart, type Overrides } from '../../../kit/arbitrary-object.ts';
import { said } from '../../../kit/said.ts';

/** Every old version there is, with the types on both sides. */
interface Case {
  readonly id: string;
  readonly old: TypeFacts;
  readonly stored: TypeFacts;
  readonly conversion: VersionConversion;
}

const cases: Case[] = [...legacyGroupVersionFacts, ...optionalGroupVersionFacts].flatMap(
  ({ group, version, resources }) =>
    resources.flatMap(({ resource, kind }) => {
      const rules = resourceFor(group, version, resource)!;
      const conversion = rules.versions?.[`${group}/${version}`];
      if (!conversion) return [];
      const old = kindFacts(group, version, kind)!;
      const stored = kindFacts(rules.group, rules.version, rules.kind)!;
      return [{ id: `${group}/${version} ${kind}`, old, stored, conversion }];
    }),
);

const exactly = <T extends string>(...keys: readonly [T, fc.Arbitrary<unknown>][]) =>
  fc.record(Object.fromEntries(keys));
const port = fc.oneof(
  fc.record({ number: fc.integer({ min: 1, max: 65_535 }) }),
  fc.record({ name: fc.constantFrom('http', 'web') }),
);
const service = fc.record({ name: fc.constantFrom('web', 'db'), port });
const oldService = fc.record({
  serviceName: fc.constantFrom('web', 'db'),
  servicePort: fc.oneof(fc.constant('http'), fc.integer({ min: 1, max: 65_535 })),
});
const resource = arbitraryPart('core/v1.TypedLocalObjectReference');

/** A metric names one source, which is the one of its type, and one kind of target. */
const metric = (pkg: string, side: 'Source' | 'Status') =>
  fc.oneof(
    ...(['Object', 'Pods', 'Resource', 'ContainerResource', 'External'] as const).map((type) =>
      exactly(
        ['type', fc.constant(type)],
        [type[0]!.toLowerCase() + type.slice(1), arbitraryPart(`${pkg}.${type}Metric${side}`, metricParts)],
      ),
    ),
  );
const amount = fc.constantFrom('1', '500m');
const named = fc.record({ name: fc.constant('qps') });
const totals = fc.record({ type: fc.constant('Value'), value: amount });
const averages = fc.record({ type: fc.constant('AverageValue'), averageValue: amount });
const shares = fc.record({ type: fc.constant('Utilization'), averageUtilization: fc.integer({ min: 1, max: 99 }) });
const target = { name: fc.constant('cpu'), container: fc.constant('app') };
const reference = fc.record({ kind: fc.constant('Service'), name: fc.constant('web') });
/** Of an object the total is always written; of an average there is none to write. */
const current = fc.record({ value: amount, averageValue: amount });
const average = fc.record({ averageValue: amount });
const metricParts: Overrides = {
  'autoscaling/v1.ObjectMetricSource': fc.record({
    target: reference,
    metricName: fc.constant('qps'),
    targetValue: amount,
  }),
  'autoscaling/v2.ObjectMetricSource': fc.record({ describedObject: reference, target: totals, metric: named }),
  'autoscaling/v2.PodsMetricSource': fc.record({ metric: named, target: averages }),
  'autoscaling/v2.ResourceMetricSource': fc.record({ name: target.name, target: fc.oneof(averages, shares) }),
  'autoscaling/v2.ContainerResourceMetricSource': fc.record({ ...target, target: fc.oneof(averages, shares) }),
  'autoscaling/v2.ExternalMetricSource': fc.record({ metric: named, target: fc.oneof(totals, averages) }),
  'autoscaling/v2.ObjectMetricStatus': fc.record({
    describedObject: reference,
    metric: named,
    current: totals.map(({ value }) => ({ value })),
  }),
  'autoscaling/v2.PodsMetricStatus': fc.record({ metric: named, current: average }),
  'autoscaling/v2.ResourceMetricStatus': fc.record({ name: target.name, current: average }),
  'autoscaling/v2.ContainerResourceMetricStatus': fc.record({ ...target, current: average }),
  'autoscaling/v2.ExternalMetricStatus': fc.record({ metric: named, current }),
};

/** What no valid object has, and no conversion has to keep, is not made up. */
const valid: Overrides = {
  'networking/v1.IngressBackend': fc.oneof(fc.record({ service }), fc.record({ resource })),
  'networking/v1beta1.IngressBackend': fc.oneof(oldService, fc.record({ resource })),
  'extensions/v1beta1.IngressBackend': fc.oneof(oldService, fc.record({ resource })),
  'autoscaling/v2.MetricSpec': metric('autoscaling/v2', 'Source'),
  'autoscaling/v2.MetricStatus': metric('autoscaling/v2', 'Status'),
  'autoscaling/v1.MetricSpec': metric('autoscaling/v1', 'Source'),
  'autoscaling/v1.MetricStatus': metric('autoscaling/v1', 'Status'),
};

/** Types of metrics and the like are free text, and may be the name of something that every object has. */
const wild: Overrides = Object.fromEntries(
  ['autoscaling/v1.MetricSourceType', 'autoscaling/v2.MetricSourceType'].map((type) => [
    type,
    fc.constantFrom('Resource', 'Pods', 'toString', '__proto__', ''),
  ]),
);

/** What an old version has no place for: fields that came later, and one that is never stored. */
const lost: Readonly<Record<string, readonly string[]>> = {
  'apiextensions.k8s.io/v1beta1 CustomResourceDefinition': ['preserveUnknownFields'],
  'autoscaling/v2beta2 HorizontalPodAutoscaler': ['tolerance'],
  'batch/v2alpha1 CronJob': ['timeZone', 'lastSuccessfulTime'],
  // False and empty are the same as nothing.
  'resource.k8s.io/v1beta1 ResourceSlice': ['allNodes', 'nodeName'],
};

/**
 * What is shown once for all versions, or in each of them, as they are alike or not; and that unknown fields are kept, which
 * is what an open schema says.
 */
const moved: Readonly<Record<string, readonly string[]>> = {
  'apiextensions.k8s.io/v1beta1 CustomResourceDefinition': [
    'validation',
    'version',
    'versions',
    'subresources',
    'additionalPrinterColumns',
    'selectableFields',
    'preserveUnknownFields',
  ],
};

const to = ({ conversion }: Case, object: KubeObject) => changed(object, conversion.toStorage);
const from = ({ conversion }: Case, object: KubeObject) => changed(object, conversion.fromStorage);

function changed(object: KubeObject, change: (copy: Mutable<KubeObject>) => void): KubeObject {
  const copy = structuredClone(object) as Mutable<KubeObject>;
  change(copy);
  return copy;
}

const runs = { seed: 11, numRuns: 60 };

describe.each(cases)('$id', (one) => {
  test('what the old version says is kept when it is stored and shown again', () => {
    fc.assert(
      fc.property(arbitraryObject(one.old, valid), (old) => {
        const stored = to(one, old);
        const shown = from(one, stored);
        expect(shown).toMatchObject(said(old, moved[one.id]) as object);
        expect(to(one, shown)).toEqual(stored);
      }),
      runs,
    );
  });

  test('no object, however wrong, breaks the conversion', () => {
    fc.assert(
      fc.property(arbitraryObject(one.old, wild), arbitraryObject(one.stored, wild), (old, stored) => {
        const made = to(one, old);
        expect(conform(one.stored, structuredClone(made)).value).toEqual(made);
        const shown = from(one, stored);
        expect(conform(one.old, structuredClone(shown)).value).toEqual(shown);
      }),
      runs,
    );
  });

  test('what is stored is kept by who reads and writes it in the old version', () => {
    fc.assert(
      fc.property(arbitraryObject(one.stored, valid), (stored) => {
        const written = to(one, from(one, stored));
        expect(written).toMatchObject(said(stored, lost[one.id]) as object);
        expect(written.apiVersion).toBe(to(one, stored).apiVersion);
      }),
      runs,
    );
  });
});
