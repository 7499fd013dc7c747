import type { KubeObject, Mutable } from '../../api/object.ts';
import type { DeploymentSpec, StatefulSetSpec } from '../../api/types/apps-v1.gen.ts';
import type { Differences, Step } from './old-version.ts';

/**
 * Workloads of extensions/v1beta1 and apps/v1beta1: the selector could be left out, and some defaults differ.
 * Source: kubernetes `pkg/apis/{extensions/v1beta1,apps/v1beta1}/defaults.go`, and the conversions of apps/v1.
 */

/** Where apps/v1 keeps the fields that it dropped. */
const rollbackTo = 'deprecated.deployment.rollback.to';
const templateGeneration = 'deprecated.daemonset.template.generation';

/** For a field of an old version that means "no limit". */
const unlimited = 2 ** 31 - 1;

interface Spec {
  selector?: unknown;
  template?: { metadata?: { labels?: Record<string, string> } };
  updateStrategy?: { type?: string };
  rollbackTo?: { revision?: number };
  templateGeneration?: number;
}

const specOf = <T extends object = Spec>(object: Mutable<KubeObject>): T => (object['spec'] ??= {}) as T;

/** The template's labels stand in for a missing selector, and for the object's own labels. */
const labelDefaults: Step = (object) => {
  const spec = specOf(object);
  const labels = spec.template?.metadata?.labels;
  if (!labels) return;
  spec.selector ??= { matchLabels: { ...labels } };
  if (Object.keys(object.metadata.labels ?? {}).length === 0) object.metadata.labels = { ...labels };
};

/** Selectors could be changed. Source: the strategies of kubernetes 1.15 `pkg/registry/apps`. */
const allows: Differences['allows'] = ({ field, body }) =>
  field === 'spec.selector' && body.endsWith('field is immutable');

/** Pods are replaced when somebody deletes them, unless the object says otherwise. */
const onDelete: Step = (object) => {
  const strategy = (specOf(object).updateStrategy ??= {});
  strategy.type ||= 'OnDelete';
};

const deploymentDefaults =
  (rolling: string | number, deadline: number, history: number): Step =>
  (object) => {
    labelDefaults(object);
    const spec = specOf<Mutable<DeploymentSpec>>(object);
    const strategy = (spec.strategy ??= {});
    strategy.type ||= 'RollingUpdate';
    if (strategy.type === 'RollingUpdate') {
      const update = (strategy.rollingUpdate ??= {});
      update.maxUnavailable ??= rolling;
      update.maxSurge ??= rolling;
    }
    spec.progressDeadlineSeconds ??= deadline;
    spec.revisionHistoryLimit ??= history;
  };

/** Moves a number out of the spec into an annotation, as text. */
function toAnnotation(object: Mutable<KubeObject>, name: string, value: number | undefined): void {
  if (value === undefined) return;
  // Numbers beyond 2^53 print exactly this way.
  object.metadata.annotations = { ...object.metadata.annotations, [name]: JSON.stringify(value) };
}

/** Takes a number out of an annotation; text that is none stays there. */
function fromAnnotation(object: Mutable<KubeObject>, name: string): number | undefined {
  const { [name]: text, ...annotations } = object.metadata.annotations ?? {};
  const value = Number(text);
  if (text === undefined || !/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) return undefined;
  object.metadata.annotations = annotations;
  return value;
}

const rollbacks: Omit<Differences, 'defaults'> = {
  toStorage: (object) => {
    const spec = specOf(object);
    if (spec.rollbackTo) toAnnotation(object, rollbackTo, spec.rollbackTo.revision ?? 0);
    delete spec.rollbackTo;
  },
  fromStorage: (object) => {
    const revision = fromAnnotation(object, rollbackTo);
    if (revision !== undefined) specOf(object).rollbackTo = { revision };
  },
};

export const extensionsDeployment: Differences = {
  allows,
  defaults: deploymentDefaults(1, unlimited, unlimited),
  ...rollbacks,
};

export const appsV1beta1Deployment: Differences = {
  allows,
  defaults: deploymentDefaults('25%', 600, 2),
  ...rollbacks,
};

export const extensionsReplicaSet: Differences = { allows, defaults: labelDefaults };

export const appsV1beta1StatefulSet: Differences = {
  defaults: (object) => {
    labelDefaults(object);
    onDelete(object);
    specOf<Mutable<StatefulSetSpec>>(object).podManagementPolicy ||= 'OrderedReady';
  },
};

export const extensionsDaemonSet: Differences = {
  allows,
  defaults: (object) => {
    labelDefaults(object);
    onDelete(object);
  },
  toStorage: (object) => {
    const spec = specOf(object);
    toAnnotation(object, templateGeneration, spec.templateGeneration);
    delete spec.templateGeneration;
  },
  fromStorage: (object) => {
    const generation = fromAnnotation(object, templateGeneration);
    if (generation) specOf(object).templateGeneration = generation;
  },
};
