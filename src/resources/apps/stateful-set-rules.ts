import type { ErrorList } from '../../api/field-errors.ts';
import { type Mutable, thaw } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { StatefulSet, StatefulSetSpec } from '../../api/types/apps-v1.gen.ts';
import type { Volume } from '../../api/types/core-v1.gen.ts';
import { atMostAll, countOf, countOrPercent, nonNegative, optionalOneOf } from '../rules/check.ts';
import { claimSpecDefaults } from '../rules/claim-defaults.ts';
import { podTemplateDefaults } from '../rules/pod-defaults.ts';
import { isNews, workloadWarnings } from '../rules/pod-warnings.ts';
import { claimSpecWarnings } from '../rules/volume-warnings.ts';
import { collisions, counts, parts, selectorAndTemplate, specPath } from '../rules/workloads.ts';

export function statefulSetDefaults(object: Mutable<StatefulSet>): void {
  object.status ??= { replicas: 0 };
  const spec = (object.spec ??= {} as Mutable<StatefulSetSpec>);
  podTemplateDefaults(spec);
  spec.podManagementPolicy ||= 'OrderedReady';
  const strategy = (spec.updateStrategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') (strategy.rollingUpdate ??= {}).partition ??= 0;
  const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {});
  retention.whenDeleted ||= 'Retain';
  retention.whenScaled ||= 'Retain';
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion ??= 'v1';
    claim.kind ??= 'PersistentVolumeClaim';
    claim.status = { phase: 'Pending', ...claim.status };
    if (claim.spec) claimSpecDefaults(claim.spec);
  }
}

const managementPolicies = ['OrderedReady', 'Parallel'];
const retentions = ['Delete', 'Retain'];

function updateStrategy(errors: ErrorList, spec: StatefulSetSpec): void {
  const at = specPath.child('updateStrategy');
  const { type, rollingUpdate: rolling } = spec.updateStrategy ?? {};
  if (!type) errors.required(at);
  else if (type === 'OnDelete') {
    if (rolling) errors.invalid(at.child('rollingUpdate'), rolling, "only allowed for updateStrategy 'RollingUpdate'");
  } else if (type !== 'RollingUpdate') {
    errors.invalid(at, spec.updateStrategy, "must be 'RollingUpdate' or 'OnDelete'");
  } else if (rolling) {
    nonNegative(errors, at.child('rollingUpdate', 'partition'), rolling.partition);
    if (rolling.maxUnavailable === undefined) return;
    const most = at.child('rollingUpdate', 'maxUnavailable');
    countOrPercent(errors, most, rolling.maxUnavailable);
    if (countOf(rolling.maxUnavailable) === 0) errors.invalid(most, rolling.maxUnavailable, 'cannot be 0');
    atMostAll(errors, most, rolling.maxUnavailable);
  }
}

export function validateStatefulSet({ spec }: StatefulSet, errors: ErrorList): void {
  if (!spec) {
    errors.required(specPath);
    return;
  }
  const policy = spec.podManagementPolicy;
  if (!policy) errors.required(specPath.child('podManagementPolicy'));
  else if (!managementPolicies.includes(policy)) {
    errors.invalid(specPath.child('podManagementPolicy'), policy, "must be 'OrderedReady' or 'Parallel'");
  }
  updateStrategy(errors, spec);
  const retention = specPath.child('persistentVolumeClaimRetentionPolicy');
  optionalOneOf(
    errors,
    retention.child('whenDeleted'),
    spec.persistentVolumeClaimRetentionPolicy?.whenDeleted,
    retentions,
  );
  optionalOneOf(
    errors,
    retention.child('whenScaled'),
    spec.persistentVolumeClaimRetentionPolicy?.whenScaled,
    retentions,
  );
  nonNegative(errors, specPath.child('replicas'), spec.replicas);
  nonNegative(errors, specPath.child('minReadySeconds'), spec.minReadySeconds);
  nonNegative(errors, specPath.child('ordinals', 'start'), spec.ordinals?.start);
  nonNegative(errors, specPath.child('revisionHistoryLimit'), spec.revisionHistoryLimit);
  const claims = (spec.volumeClaimTemplates ?? []).map(({ metadata }): Volume => {
    const name = metadata?.name ?? '';
    return { name, persistentVolumeClaim: { claimName: name } };
  });
  const texts = {
    empty: 'empty selector is invalid for statefulset',
    deadline: (e: ErrorList, path: typeof specPath) =>
      e.forbidden(path, 'activeDeadlineSeconds in StatefulSet is not Supported'),
  };
  selectorAndTemplate(errors, spec, texts, claims);
}

const changeable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;

export function validateStatefulSetUpdate(object: StatefulSet, old: StatefulSet, errors: ErrorList): void {
  if (!object.spec || !old.spec) return;
  const rest = thaw(object.spec) as Record<string, unknown>;
  for (const field of changeable) rest[field] = old.spec[field];
  if (sameValue(rest, old.spec)) return;
  const list = changeable.map((field) => `'${field}'`);
  const last = list.pop();
  const text = `updates to statefulset spec for fields other than ${list.join(', ')} and ${last} are forbidden`;
  errors.forbidden(specPath, text);
}

export function validateStatefulSetStatus({ status }: StatefulSet, old: StatefulSet, errors: ErrorList): void {
  const fields = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'] as const;
  counts(errors, status, ['replicas', ...fields, 'observedGeneration', 'collisionCount']);
  parts(errors, status, fields);
  collisions(errors, status?.collisionCount, old.status?.collisionCount);
}

const ofTemplate = workloadWarnings(false);
const claimsPath = specPath.child('volumeClaimTemplates');

/** Source: statefulSetStrategy.WarningsOnCreate and WarningsOnUpdate. */
export function statefulSetWarnings(object: StatefulSet, old: StatefulSet | undefined): string[] {
  const { spec } = object;
  const found = ofTemplate(object, old);
  if (isNews(object, old)) {
    for (const [i, claim] of (spec?.volumeClaimTemplates ?? []).entries()) {
      found.push(...claimSpecWarnings(claim.spec, claimsPath.index(i).child('spec')));
    }
  }
  if ((spec?.revisionHistoryLimit ?? 0) < 0) {
    const advice = 'a value >= 0 is recommended';
    found.push(`spec.revisionHistoryLimit: a negative value retains all historical revisions; ${advice}`);
  }
  return found;
}
