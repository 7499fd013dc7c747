import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';
import type { Condition } from './definition.ts';

const annotation = 'api-approved.kubernetes.io';
const policy = 'see https://github.com/kubernetes/enhancements/pull/1111';

const isProtected = (group: string) => /(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group);

function isUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && url.host !== '';
}

const finding = (status: string, reason: string, message: string): Condition => ({
  type: 'KubernetesAPIApprovalPolicyConformant',
  status,
  reason,
  message,
});

/**
 * What the approval annotation of a definition in the community's own groups says; undefined in all other groups.
 * Source: apiextensions `apihelpers.GetAPIApprovalState`.
 */
export function approvalCondition(crd: CustomResourceDefinition): Condition | undefined {
  if (!isProtected(crd.spec.group)) return undefined;
  const value = crd.metadata.annotations?.[annotation] ?? '';
  const must = `protected groups must have approval annotation ${JSON.stringify(annotation)}`;
  if (value === '') return finding('False', 'MissingAnnotation', `${must}, ${policy}`);
  if (value.startsWith('unapproved'))
    return finding('False', 'UnapprovedAnnotation', `not approved: ${JSON.stringify(value)}`);
  if (isUrl(value)) return finding('True', 'ApprovedAnnotation', `approved in ${value}`);
  return finding(
    'False',
    'InvalidAnnotation',
    `${must} with either a URL or a reason starting with "unapproved", ${policy}`,
  );
}
