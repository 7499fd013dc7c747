import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionStatus,
  CustomResourceDefinitionVersion,
} from '../../api/types/apiextensions-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';

/** What every part that looks at a CustomResourceDefinition needs of it. Source: apiextensions `apihelpers`. */

export type Condition = Pick<CustomResourceDefinitionCondition, 'type' | 'status' | 'reason' | 'message'>;

/** Where the store keeps definitions. */
export const definitionsResource = 'customresourcedefinitions.apiextensions.k8s.io';

export const findCondition = (
  status: CustomResourceDefinitionStatus | undefined,
  type: string,
): CustomResourceDefinitionCondition | undefined => status?.conditions?.find((c) => c.type === type);

export const isTrue = (crd: CustomResourceDefinition, type: string): boolean =>
  findCondition(crd.status, type)?.status === 'True';

/** Whether two conditions say the same, whenever they said it. */
const sameCondition = (a: Condition, b: Condition | undefined): boolean =>
  a.status === b?.status && a.reason === b.reason && a.message === b.message;

/** The status with a condition set; itself when nothing changes. The time moves with the status only. */
export function withCondition(
  status: CustomResourceDefinitionStatus,
  condition: Condition,
  now: number,
): CustomResourceDefinitionStatus {
  const conditions = status.conditions ?? [];
  const old = conditions.find((c) => c.type === condition.type);
  if (!old) return { ...status, conditions: [...conditions, { ...condition, lastTransitionTime: timestamp(now) }] };
  if (sameCondition(condition, old)) return status;
  const moved = old.status !== condition.status || !old.lastTransitionTime;
  const next = { ...old, ...condition, ...(moved && { lastTransitionTime: timestamp(now) }) };
  return { ...status, conditions: conditions.map((c) => (c === old ? next : c)) };
}

export const withoutCondition = (
  status: CustomResourceDefinitionStatus,
  type: string,
): CustomResourceDefinitionStatus =>
  findCondition(status, type) ? { ...status, conditions: status.conditions!.filter((c) => c.type !== type) } : status;

export const storageVersionOf = (crd: CustomResourceDefinition): CustomResourceDefinitionVersion | undefined =>
  crd.spec.versions.find((v) => v.storage);

/** Whether the definition's instances are being deleted with it. */
export const isTerminating = (crd: CustomResourceDefinition): boolean => isTrue(crd, 'Terminating');
