import type { CustomResourceDefinition, JSONSchemaProps } from '../../api/types/apiextensions-v1.gen.ts';
import { stages } from './stage-object.ts';

type Schema = JSONSchemaProps;

const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const texts: Schema = { type: 'object', additionalProperties: text };
const milliseconds: Schema = { type: 'integer', format: 'int64', minimum: 0 };
const object = (properties: Readonly<Record<string, Schema>>, required?: readonly string[]): Schema => ({
  type: 'object',
  properties,
  ...(required && { required }),
});
const list = (items: Schema): Schema => ({ type: 'array', items });

const expression = object({ expression: text }, ['expression']);
const valueFrom = object({ expressionFrom: text, jq: expression, cel: expression });
const requirement = { key: text, operator: text, values: list(text) };
const finalizers = object({
  add: list(object({ value: text })),
  remove: list(object({ value: text })),
  empty: flag,
});
const user = object({ username: text }, ['username']);
const patch = object({
  subresource: text,
  root: text,
  template: text,
  type: { type: 'string', enum: ['json', 'merge', 'strategic'] },
  impersonation: user,
});
const step = {
  event: object({ type: text, reason: text, message: text }),
  finalizers,
  delete: flag,
};

const spec = object(
  {
    resourceRef: object({ apiGroup: { type: 'string', default: 'v1' }, kind: text }, ['kind']),
    selector: object({
      matchLabels: texts,
      matchAnnotations: texts,
      matchExpressions: list(object({ ...requirement, jq: object(requirement), expression: text, cel: expression })),
    }),
    weight: { type: 'integer', minimum: 0, default: 0 },
    weightFrom: valueFrom,
    delay: object({
      durationMilliseconds: milliseconds,
      durationFrom: valueFrom,
      jitterDurationMilliseconds: milliseconds,
      jitterDurationFrom: valueFrom,
    }),
    next: object({
      ...step,
      patches: list(patch),
      statusTemplate: text,
      statusSubresource: { type: 'string', default: 'status' },
      statusPatchAs: user,
    }),
    steps: list(object({ ...step, patch })),
    immediateNextStage: flag,
  },
  ['resourceRef'],
);

const condition = object(
  {
    type: text,
    status: text,
    reason: text,
    message: text,
    lastTransitionTime: { type: 'string', format: 'date-time' },
  },
  ['type', 'status'],
);

/** The definition of KWOK's Stages. One that is there already, KWOK's own say, is left as it is. */
export const stageDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${stages.resource}.${stages.group}` },
  spec: {
    group: stages.group,
    names: { kind: stages.kind, listKind: 'StageList', plural: stages.resource, singular: 'stage' },
    scope: 'Cluster',
    versions: [
      {
        name: stages.version,
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: object(
            {
              apiVersion: text,
              kind: text,
              metadata: { type: 'object' },
              spec,
              status: object({
                conditions: {
                  ...list(condition),
                  'x-kubernetes-list-type': 'map',
                  'x-kubernetes-list-map-keys': ['type'],
                },
              }),
            },
            ['spec'],
          ),
        },
        additionalPrinterColumns: [
          { name: 'Of', type: 'string', jsonPath: '.spec.resourceRef.kind' },
          { name: 'Accepted', type: 'string', jsonPath: '.status.conditions[?(@.type=="Accepted")].status' },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
      },
    ],
  },
} as const satisfies CustomResourceDefinition;
