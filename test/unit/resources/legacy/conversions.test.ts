import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { conform } from '../../../../src/api/conform.ts';
import { optionalGroupVersionFacts } from '../../../../src/api/discovery-facts.ts';
import { kindFacts } from '../../../../src/api/facts.ts';
import { ErrorList } from '../../../../src/api/field-errors.ts';
import { legacyGroupVersionFacts } from '../../../../src/api/legacy-facts.ts';
import { apiVersionOf, type KubeObject, type Mutable, parseApiVersion } from '../../../../src/api/object.ts';
import { resourceFor } from '../../../../src/resources/index.ts';

/** What each old version means in the current one: its own defaults, and where its fields have gone. */

const facts = [...legacyGroupVersionFacts, ...optionalGroupVersionFacts].flatMap((gv) =>
  gv.resources.map((r) => ({ ...r, apiVersion: apiVersionOf(gv) })),
);

function conversionOf(apiVersion: string, kind: string) {
  const { resource } = facts.find((r) => r.apiVersion === apiVersion && r.kind === kind)!;
  const { group, version } = parseApiVersion(apiVersion)!;
  return resourceFor(group, version, resource)!.versions![apiVersion]!;
}

const canonical = (apiVersion: string, kind: string, yaml: string): Mutable<KubeObject> => {
  const { group, version } = parseApiVersion(apiVersion)!;
  const tree = { apiVersion, kind, metadata: { name: 'x' }, ...parse(yaml) };
  return conform(kindFacts(group, version, kind)!, tree).value as Mutable<KubeObject>;
};

function stored(apiVersion: string, kind: string, yaml: string): KubeObject {
  const object = canonical(apiVersion, kind, yaml);
  conversionOf(apiVersion, kind).toStorage(object);
  return object;
}

function shown(apiVersion: string, current: string, kind: string, yaml: string): KubeObject {
  const object = canonical(current, kind, yaml);
  conversionOf(apiVersion, kind).fromStorage(object);
  return object;
}

const template = 'template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: i}]}}';
const selected = { selector: { matchLabels: { app: 'web' } } };
const unlimited = 2 ** 31 - 1;

describe('defaults of workloads', () => {
  test.each([
    [
      'extensions/v1beta1',
      'Deployment',
      {
        ...selected,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } },
        progressDeadlineSeconds: unlimited,
        revisionHistoryLimit: unlimited,
      },
    ],
    [
      'apps/v1beta1',
      'Deployment',
      {
        ...selected,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
        progressDeadlineSeconds: 600,
        revisionHistoryLimit: 2,
      },
    ],
    ['apps/v1beta1', 'StatefulSet', { ...selected, updateStrategy: { type: 'OnDelete' } }],
    ['extensions/v1beta1', 'DaemonSet', { ...selected, updateStrategy: { type: 'OnDelete' } }],
    ['extensions/v1beta1', 'ReplicaSet', selected],
  ])('%s %s', (apiVersion, kind, spec) => {
    const object = stored(apiVersion, kind, `spec: {${template}}`);
    expect(object).toMatchObject({ apiVersion: 'apps/v1', kind, metadata: { labels: { app: 'web' } }, spec });
  });

  test('what is said is kept', () => {
    const spec = `spec: {selector: {matchLabels: {a: b}}, strategy: {type: Recreate}, revisionHistoryLimit: 3, ${template}}`;
    const object = stored('extensions/v1beta1', 'Deployment', `metadata: {name: x, labels: {own: label}}\n${spec}`);
    expect(object.metadata.labels).toEqual({ own: 'label' });
    expect(object['spec']).toMatchObject({ selector: { matchLabels: { a: 'b' } }, revisionHistoryLimit: 3 });
    expect(object['spec']).toHaveProperty('strategy', { type: 'Recreate' });
  });

  test('apps/v1beta2 has those of apps/v1: the selector must be given', () => {
    expect(stored('apps/v1beta2', 'Deployment', `spec: {${template}}`)['spec']).not.toHaveProperty('selector');
  });
});

test.each([
  ['extensions/v1beta1', 'Deployment', 'rollbackTo: {revision: 3}', 'deprecated.deployment.rollback.to', '3'],
  ['apps/v1beta1', 'Deployment', 'rollbackTo: {}', 'deprecated.deployment.rollback.to', '0'],
  ['extensions/v1beta1', 'DaemonSet', 'templateGeneration: 5', 'deprecated.daemonset.template.generation', '5'],
])('%s %s keeps %s in an annotation', (apiVersion, kind, field, annotation, text) => {
  const object = stored(apiVersion, kind, `spec: {${field}, ${template}}`) as Mutable<KubeObject>;
  expect(object.metadata.annotations).toEqual({ [annotation]: text });
  conversionOf(apiVersion, kind).fromStorage(object);
  expect(object['spec']).toMatchObject(parse(field) as object);
  expect(object.metadata.annotations ?? {}).toEqual({});
});

describe.each(['extensions/v1beta1', 'networking.k8s.io/v1beta1'])('an Ingress of %s', (apiVersion) => {
  const old = `
spec:
  backend: {serviceName: fallback, servicePort: 80}
  rules: [{host: a.b, http: {paths: [{path: /x, backend: {serviceName: web, servicePort: http}}]}}]`;

  test('names services as v1 does', () => {
    expect(stored(apiVersion, 'Ingress', old)['spec']).toEqual({
      defaultBackend: { service: { name: 'fallback', port: { number: 80 } } },
      rules: [
        {
          host: 'a.b',
          http: {
            paths: [
              {
                path: '/x',
                pathType: 'ImplementationSpecific',
                backend: { service: { name: 'web', port: { name: 'http' } } },
              },
            ],
          },
        },
      ],
    });
  });

  test('may name another resource', () => {
    const resource = { apiGroup: 'k8s.example.com', kind: 'StorageBucket', name: 'icons' };
    const backend = JSON.stringify({ resource });
    expect(stored(apiVersion, 'Ingress', `spec: {backend: ${backend}}`)['spec']).toEqual({
      defaultBackend: { resource },
    });
  });

  test('shows backends as it always has', () => {
    const current = `spec: {defaultBackend: {service: {name: web, port: {number: 8080}}}}`;
    expect(shown(apiVersion, 'networking.k8s.io/v1', 'Ingress', current)['spec']).toEqual({
      backend: { serviceName: 'web', servicePort: 8080 },
    });
  });
});

const label = 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match';
const none = { matchExpressions: [{ key: label, operator: 'Exists' }] };
const all = { matchExpressions: [{ key: label, operator: 'DoesNotExist' }] };

test.each([
  ['an empty selector selects nothing', {}, none],
  ['the label spells everything', all, {}],
  [
    'in a selector of its own the label has no place',
    { matchLabels: { a: 'b' }, ...none },
    { matchLabels: { a: 'b' } },
  ],
  ['any other is the same', { matchLabels: { a: 'b' } }, { matchLabels: { a: 'b' } }],
])('budgets of policy/v1beta1: %s', (_, selector, expected) => {
  const object = stored('policy/v1beta1', 'PodDisruptionBudget', `spec: ${JSON.stringify({ selector })}`);
  expect(object['spec']).toEqual({ selector: expected });
});

test('a budget of everything is shown with the label, one of nothing without', () => {
  const show = (selector: object) =>
    shown('policy/v1beta1', 'policy/v1', 'PodDisruptionBudget', `spec: ${JSON.stringify({ selector })}`)['spec'];
  expect(show({})).toEqual({ selector: all });
  expect(show(none)).toEqual({ selector: {} });
});

test('metrics of autoscaling/v2beta1 are flat', () => {
  const object = stored(
    'autoscaling/v2beta1',
    'HorizontalPodAutoscaler',
    `
spec:
  scaleTargetRef: {kind: Deployment, name: web}
  maxReplicas: 3
  metrics:
    - {type: Resource, resource: {name: cpu, targetAverageUtilization: 50}}
    - {type: Pods, pods: {metricName: qps, targetAverageValue: 1k}}
    - {type: Object, object: {metricName: hits, target: {kind: Ingress, name: main}, targetValue: 2k}}
    - {type: External, external: {metricName: queue, targetAverageValue: "30"}}`,
  );
  expect((object['spec'] as { metrics: unknown }).metrics).toEqual([
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
    { type: 'Pods', pods: { metric: { name: 'qps' }, target: { type: 'AverageValue', averageValue: '1k' } } },
    {
      type: 'Object',
      object: {
        describedObject: { kind: 'Ingress', name: 'main' },
        metric: { name: 'hits' },
        target: { type: 'Value', value: '2k' },
      },
    },
    { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '30' } } },
  ]);
});

test('behavior travels through autoscaling/v2beta1 in an annotation', () => {
  const spec = `spec: {scaleTargetRef: {kind: D, name: w}, maxReplicas: 1, behavior: {scaleUp: {stabilizationWindowSeconds: 5}}}`;
  const object = shown('autoscaling/v2beta1', 'autoscaling/v2', 'HorizontalPodAutoscaler', spec) as Mutable<KubeObject>;
  const annotation = 'autoscaling.alpha.kubernetes.io/behavior';
  expect(object.metadata.annotations?.[annotation]).toBe('{"scaleUp":{"stabilizationWindowSeconds":5}}');
  object.metadata.annotations![annotation] = 'broken';
  conversionOf('autoscaling/v2beta1', 'HorizontalPodAutoscaler').toStorage(object);
  expect(object['spec']).not.toHaveProperty('behavior');
});

test('zone and node of an endpoint were topology labels', () => {
  const object = stored(
    'discovery.k8s.io/v1beta1',
    'EndpointSlice',
    'addressType: IPv4\nendpoints: [{addresses: [1.2.3.4], topology: {topology.kubernetes.io/zone: a, kubernetes.io/hostname: n, x: y}}]',
  );
  expect(object['endpoints']).toMatchObject([{ zone: 'a', nodeName: 'n', deprecatedTopology: { x: 'y' } }]);
});

test('webhooks of v1beta1 are gentler', () => {
  const webhook = 'webhooks: [{name: a.b.c, clientConfig: {url: "https://x"}}]';
  const object = stored('admissionregistration.k8s.io/v1beta1', 'ValidatingWebhookConfiguration', webhook);
  expect(object['webhooks']).toMatchObject([
    {
      failurePolicy: 'Ignore',
      matchPolicy: 'Exact',
      sideEffects: 'Unknown',
      timeoutSeconds: 30,
      admissionReviewVersions: ['v1beta1'],
    },
  ]);
});

test.each([
  ['v1beta3', 'nominalConcurrencyShares: 0', undefined, 30],
  ['v1beta3', 'nominalConcurrencyShares: 0', '', 0],
  ['v1beta3', 'nominalConcurrencyShares: 7', undefined, 7],
  ['v1beta2', 'assuredConcurrencyShares: 5', undefined, 5],
  ['v1beta1', '', undefined, 30],
])('a priority level of %s with %s (kept: %s) has %i shares', (version, limited, kept, shares) => {
  const annotation = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares';
  const metadata = { name: 'x', ...(kept !== undefined && { annotations: { [annotation]: kept } }) };
  const yaml = `metadata: ${JSON.stringify(metadata)}\nspec: {type: Limited, limited: {${limited}}}`;
  const object = stored(`flowcontrol.apiserver.k8s.io/${version}`, 'PriorityLevelConfiguration', yaml);
  expect(object['spec']).toMatchObject({ limited: { nominalConcurrencyShares: shares } });
  expect(object.metadata.annotations?.[annotation]).toBeUndefined();
});

test('an access review of v1beta1 says group', () => {
  const spec = 'spec: {user: jane, group: [dev], resourceAttributes: {verb: get, resource: pods}}';
  const object = stored('authorization.k8s.io/v1beta1', 'SubjectAccessReview', spec);
  expect(object['spec']).toMatchObject({ user: 'jane', groups: ['dev'] });
  expect(object['spec']).not.toHaveProperty('group');
});

describe('a CustomResourceDefinition of v1beta1', () => {
  const kind = 'CustomResourceDefinition';
  const names = 'group: example.com, names: {plural: foos, kind: Foo}';
  const v1beta1 = (spec: string) => stored('apiextensions.k8s.io/v1beta1', kind, `spec: {${names}, ${spec}}`);
  const specOf = (object: KubeObject) => object['spec'] as { versions: object[] };
  const preserve = { 'x-kubernetes-preserve-unknown-fields': true };

  test('with nothing but a version keeps whatever its objects hold', () => {
    expect(v1beta1('version: v1')['spec']).toEqual({
      group: 'example.com',
      names: { plural: 'foos', kind: 'Foo' },
      scope: 'Namespaced',
      conversion: { strategy: 'None' },
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', ...preserve } } },
      ],
    });
  });

  test('gives what it says once to each version', () => {
    const shared =
      'versions: [{name: v2, served: true, storage: true}, {name: v1, served: true, storage: false}], ' +
      'subresources: {status: {}}, additionalPrinterColumns: [{name: A, type: string, JSONPath: .spec.a}], ' +
      'preserveUnknownFields: false, validation: {openAPIV3Schema: {type: object}}';
    const own = {
      served: true,
      schema: { openAPIV3Schema: { type: 'object' } },
      subresources: { status: {} },
      additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: '.spec.a' }],
    };
    const { versions } = specOf(v1beta1(shared));
    expect(versions).toEqual([
      { ...own, name: 'v2', storage: true },
      { ...own, name: 'v1', storage: false },
    ]);
  });

  test('with a webhook for conversion talks v1beta1 to it', () => {
    const conversion =
      'version: v1, conversion: {strategy: Webhook, webhookClientConfig: {service: {namespace: a, name: b}}}';
    expect(specOf(v1beta1(conversion))).toHaveProperty('conversion', {
      strategy: 'Webhook',
      webhook: { clientConfig: { service: { namespace: 'a', name: 'b' } }, conversionReviewVersions: ['v1beta1'] },
    });
  });

  test('is shown with what its versions share', () => {
    const column = '{name: A, type: string, jsonPath: .a}';
    const version = (name: string, schema: string) =>
      `{name: ${name}, served: true, storage: ${name === 'v1'}, additionalPrinterColumns: [${column}], schema: {openAPIV3Schema: ${schema}}}`;
    const spec = (other: string) =>
      shown(
        'apiextensions.k8s.io/v1beta1',
        'apiextensions.k8s.io/v1',
        kind,
        `spec: {${names}, scope: Cluster, versions: [${version('v1', '{type: object}')}, ${version('v2', other)}]}`,
      )['spec'];
    const columns = [{ name: 'A', type: 'string', JSONPath: '.a' }];
    const common = { version: 'v1', additionalPrinterColumns: columns, preserveUnknownFields: false };
    expect(spec('{type: object}')).toMatchObject({ ...common, validation: { openAPIV3Schema: { type: 'object' } } });
    const apart = spec('{type: object, required: [b]}');
    expect(apart).toMatchObject({ ...common, versions: [{ schema: {} }, { schema: {} }] });
    expect(apart).not.toHaveProperty('validation');
  });
});

/** Findings of the current rules for a stored object, seen through an old version and through the current one. */
function findings(
  apiVersion: string,
  kind: string,
  object: KubeObject,
  old?: KubeObject,
): [old: string[], now: string[]] {
  const { resource } = facts.find((r) => r.apiVersion === apiVersion && r.kind === kind)!;
  const { group, version } = parseApiVersion(apiVersion)!;
  const rules = resourceFor(group, version, resource)!;
  const run = (checks: Pick<typeof rules, 'validateCreate' | 'validateUpdate'>): string[] => {
    const errors = new ErrorList();
    if (old) checks.validateUpdate?.(object, old, errors);
    else checks.validateCreate?.(object, errors);
    return errors.errors.map((error) => error.text);
  };
  return [run(rules.versions![apiVersion]!.checks!), run(rules)];
}

describe('rules that came with the current version do not count in an old one', () => {
  test('a definition in a group of the community without approval', () => {
    const definition = stored(
      'apiextensions.k8s.io/v1beta1',
      'CustomResourceDefinition',
      `
metadata: {name: foos.snapshot.storage.k8s.io}
spec:
  group: snapshot.storage.k8s.io
  version: v1
  names: {plural: foos, singular: foo, kind: Foo, listKind: FooList}
status: {storedVersions: [v1]}`,
    );
    const [old, now] = findings('apiextensions.k8s.io/v1beta1', 'CustomResourceDefinition', definition);
    expect(old).toEqual([]);
    expect(now).toEqual([expect.stringContaining('metadata.annotations[api-approved.kubernetes.io]')]);
  });

  test('a selector that changes', () => {
    const before = stored(
      'extensions/v1beta1',
      'ReplicaSet',
      `metadata: {name: x, resourceVersion: '1'}\nspec: {${template}}`,
    );
    const after = structuredClone(before) as Mutable<KubeObject>;
    (after['spec'] as { selector: object }).selector = { matchLabels: { app: 'other' } };
    const [old, now] = findings('extensions/v1beta1', 'ReplicaSet', after, before);
    expect(now.filter((text) => text.startsWith('spec.selector'))).toHaveLength(1);
    expect(old.filter((text) => text.startsWith('spec.selector'))).toEqual([]);
  });
});

describe('dynamic resource allocation in beta versions', () => {
  const exactly = { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 2 };
  const old = 'spec: {devices: {requests: [{name: r, deviceClassName: gpu, allocationMode: ExactCount, count: 2}]}}';
  const current =
    'spec: {devices: {requests: [{name: r, exactly: {deviceClassName: gpu, allocationMode: ExactCount, count: 2}}]}}';
  const [v1, v1beta1] = ['resource.k8s.io/v1', 'resource.k8s.io/v1beta1'];

  test('a request of v1beta1 is what v1 has in exactly; one of alternatives has none', () => {
    const requests = [{ name: 'r', exactly }];
    expect(stored(v1beta1, 'ResourceClaim', old)).toMatchObject({ apiVersion: v1, spec: { devices: { requests } } });
    const shownAsOld = shown(v1beta1, v1, 'ResourceClaim', current);
    expect(shownAsOld['spec']).toEqual({ devices: { requests: [{ name: 'r', ...exactly }] } });
    const alternatives = 'spec: {devices: {requests: [{name: r, firstAvailable: [{name: a, deviceClassName: gpu}]}]}}';
    const [request] = (stored(v1beta1, 'ResourceClaim', alternatives)['spec'] as { devices: { requests: object[] } })
      .devices.requests;
    expect(request).toMatchObject({ name: 'r', firstAvailable: [{ name: 'a', deviceClassName: 'gpu' }] });
    expect(request).not.toHaveProperty('exactly');
  });

  test('so is one of a template', () => {
    const template = stored(v1beta1, 'ResourceClaimTemplate', `spec: {${old}}`);
    expect(template['spec']).toMatchObject({ spec: { devices: { requests: [{ name: 'r', exactly }] } } });
  });

  test('a device of v1beta1 has what it is in basic, and its slice a node or none', () => {
    const slice =
      'spec: {driver: d, nodeName: "", pool: {name: p, generation: 1, resourceSliceCount: 1}, devices: [{name: a, basic: {capacity: {memory: {value: 1Gi}}}}]}';
    const converted = stored(v1beta1, 'ResourceSlice', slice);
    expect(converted['spec']).toMatchObject({ devices: [{ name: 'a', capacity: { memory: { value: '1Gi' } } }] });
    expect(converted['spec']).not.toHaveProperty('nodeName');
    const back = shown(
      v1beta1,
      v1,
      'ResourceSlice',
      'spec: {driver: d, nodeName: n, pool: {name: p, generation: 1, resourceSliceCount: 1}, devices: [{name: a, allNodes: true}]}',
    );
    expect(back['spec']).toMatchObject({ nodeName: 'n', devices: [{ name: 'a', basic: { allNodes: true } }] });
  });

  test('v1beta2 is v1 by another name', () => {
    expect(stored('resource.k8s.io/v1beta2', 'ResourceClaim', current)).toMatchObject({
      apiVersion: v1,
      spec: { devices: { requests: [{ name: 'r', exactly }] } },
    });
  });
});
