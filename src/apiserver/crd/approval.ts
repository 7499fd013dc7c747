import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';
import { type Approval, approvalOf, isProtectedGroup } from '../../resources/apiextensions/approval.ts';
import type { Condition } from './definition.ts';

const verdicts: Readonly<Record<Approval['state'], { readonly status: string; readonly reason: string }>> = {
  invalid: { status: 'False', reason: 'InvalidAnnotation' },
  missing: { status: 'False', reason: 'MissingAnnotation' },
  approved: { status: 'True', reason: 'ApprovedAnnotation' },
  bypassed: { status: 'False', reason: 'UnapprovedAnnotation' },
};

/**
 * What the approval annotation of a definition in the community's own groups says; undefined in all other groups.
 * Source: apiextensions `controller/apiapproval`.
 */
export function approvalCondition(crd: CustomResourceDefinition): Condition | undefined {
  if (!isProtectedGroup(crd.spec.group)) return undefined;
  const { state, reason: message } = approvalOf(crd.metadata.annotations);
  return { type: 'KubernetesAPIApprovalPolicyConformant', ...verdicts[state], message };
}
