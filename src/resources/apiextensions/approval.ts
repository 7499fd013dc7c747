import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { isRequestUri } from '../../api/structural/request-uri.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';

/**
 * Groups of the Kubernetes community want a word of who approved a kind. Source: apiextensions-apiserver
 * `pkg/apihelpers/helpers.go` and validateAPIApproval.
 */

export const approvalAnnotation = 'api-approved.kubernetes.io';

/** What the KubernetesAPIApproval condition reports too. */
export interface Approval {
  readonly state: 'invalid' | 'approved' | 'bypassed' | 'missing';
  readonly reason: string;
}

export const isProtectedGroup = (group: string): boolean => /(^|\.)(k8s|kubernetes)\.io$/.test(group);

const policy = 'see https://github.com/kubernetes/enhancements/pull/1111';
const hasHost = (text: string) => isRequestUri(text) && /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/?]/.test(text);

export function approvalOf(annotations: Readonly<Record<string, string>> | undefined): Approval {
  const annotation = annotations?.[approvalAnnotation] ?? '';
  const wants = `protected groups must have approval annotation ${JSON.stringify(approvalAnnotation)}`;
  if (annotation === '') return { state: 'missing', reason: `${wants}, ${policy}` };
  if (annotation.startsWith('unapproved'))
    return { state: 'bypassed', reason: `not approved: ${JSON.stringify(annotation)}` };
  if (hasHost(annotation)) return { state: 'approved', reason: `approved in ${annotation}` };
  return { state: 'invalid', reason: `${wants} with either a URL or a reason starting with "unapproved", ${policy}` };
}

/** A definition whose state of approval is as it was is never refused for it. */
export function validateApproval(
  errors: ErrorList,
  object: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
): void {
  if (!isProtectedGroup(object.spec.group ?? '')) return;
  const { state, reason } = approvalOf(object.metadata.annotations);
  if (old && approvalOf(old.metadata.annotations).state === state) return;
  const path = FieldPath.of('metadata', 'annotations').key(approvalAnnotation);
  if (state === 'missing') errors.required(path, reason);
  else if (state === 'invalid') errors.invalid(path, object.metadata.annotations?.[approvalAnnotation], reason);
}
