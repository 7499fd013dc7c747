import type { ErrorList } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { DaemonSet, DaemonSetSpec, DaemonSetUpdateStrategy } from '../../api/types/apps-v1.gen.ts';
import { atMostAll, countOf, countOrPercent, nonNegative } from '../rules/check.ts';
import { podTemplateDefaults } from '../rules/pod-defaults.ts';
import { keepStatus } from '../rules/status.ts';
import {
  collisions,
  counts,
  immutableSelector,
  noDeadline,
  selectorAndTemplate,
  specPath,
} from '../rules/workloads.ts';

const templateGeneration = 'deprecated.daemonset.template.generation';

const zeroStatus = {
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
} as const;

/** Upstream knows the template's number as a field of the spec, so that every DaemonSet that is read has one. */
export function daemonSetDefaults(object: Mutable<DaemonSet>): void {
  if (object.metadata && object.metadata.annotations?.[templateGeneration] === undefined)
    setTemplateGeneration(object, 0);
  object.status ??= { ...zeroStatus };
  const spec = (object.spec ??= {} as Mutable<DaemonSetSpec>);
  podTemplateDefaults(spec);
  const strategy = (spec.updateStrategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= 1;
    rolling.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
}

/** The number of the template, which apps/v1 keeps in an annotation. */
function setTemplateGeneration(object: Mutable<DaemonSet>, value: number): void {
  object.metadata.annotations = { ...object.metadata.annotations, [templateGeneration]: String(value) };
}

export function prepareDaemonSet(object: Mutable<DaemonSet>): void {
  object.status = { ...zeroStatus };
  setTemplateGeneration(object, Math.max(1, Number(object.metadata.annotations?.[templateGeneration]) || 0));
}

export function prepareDaemonSetUpdate(object: Mutable<DaemonSet>, old: DaemonSet): void {
  keepStatus(object, old);
  const before = Number(old.metadata.annotations?.[templateGeneration] ?? 1);
  setTemplateGeneration(object, sameValue(object.spec?.template, old.spec?.template) ? before : before + 1);
}

function updateStrategy(errors: ErrorList, strategy: DaemonSetUpdateStrategy | undefined): void {
  const at = specPath.child('updateStrategy');
  const { type, rollingUpdate: rolling } = strategy ?? {};
  if (type === 'OnDelete') return;
  if (type !== 'RollingUpdate') {
    errors.notSupported(at, strategy, ['RollingUpdate', 'OnDelete'], 'given');
    return;
  }
  const path = at.child('rollingUpdate');
  if (!rolling) {
    errors.required(path);
    return;
  }
  countOrPercent(errors, path.child('maxUnavailable'), rolling.maxUnavailable);
  countOrPercent(errors, path.child('maxSurge'), rolling.maxSurge);
  const [unavailable, surge] = [countOf(rolling.maxUnavailable) !== 0, countOf(rolling.maxSurge) !== 0];
  if (unavailable && surge) {
    errors.invalid(path.child('maxSurge'), rolling.maxSurge, 'may not be set when maxUnavailable is non-zero');
  } else if (!unavailable && !surge) {
    errors.required(path.child('maxUnavailable'), 'cannot be 0 when maxSurge is 0');
  }
  atMostAll(errors, path.child('maxUnavailable'), rolling.maxUnavailable);
  atMostAll(errors, path.child('maxSurge'), rolling.maxSurge);
}

export function validateDaemonSet({ spec }: DaemonSet, errors: ErrorList): void {
  if (!spec) {
    errors.required(specPath);
    return;
  }
  const texts = { empty: 'empty selector is invalid for daemonset', deadline: noDeadline('DaemonSet') };
  selectorAndTemplate(errors, spec, texts);
  nonNegative(errors, specPath.child('minReadySeconds'), spec.minReadySeconds);
  updateStrategy(errors, spec.updateStrategy);
  nonNegative(errors, specPath.child('revisionHistoryLimit'), spec.revisionHistoryLimit);
}

export function validateDaemonSetUpdate(object: DaemonSet, old: DaemonSet, errors: ErrorList): void {
  immutableSelector(errors, object.spec, old.spec);
}

export function validateDaemonSetStatus({ status }: DaemonSet, old: DaemonSet, errors: ErrorList): void {
  counts(errors, status, [
    'currentNumberScheduled',
    'numberMisscheduled',
    'desiredNumberScheduled',
    'numberReady',
    'observedGeneration',
    'updatedNumberScheduled',
    'numberAvailable',
    'numberUnavailable',
    'collisionCount',
  ]);
  collisions(errors, status?.collisionCount, old.status?.collisionCount);
}
