import { forbidden, StatusError } from '../../../../api/status.ts';
import type {
  MutatingAdmissionPolicyBinding as Binding,
  MutatingAdmissionPolicy as Policy,
} from '../../../../api/types/admissionregistration-v1.gen.ts';
import type { AdmissionRequest } from '../../admission.ts';
import { nameShown } from '../name-shown.ts';

/** What is wrong with one policy; the reason is for the answer, if it comes first. */
export interface Complaint {
  readonly policy: Policy;
  readonly binding: Binding | undefined;
  readonly message: string;
  readonly reason?: 'Invalid';
}

function textOf({ policy, binding, message }: Complaint): string {
  return binding
    ? `policy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${message}`
    : `policy ${JSON.stringify(policy.metadata.name)} denied request: ${message}`;
}

/**
 * The first complaint is the message, all are causes. The code stays 403, whatever the reason. Source: apiserver
 * `admission/plugin/policy/generic/policy_dispatcher.go`.
 */
export function refused(request: AdmissionRequest, complaints: readonly Complaint[]): StatusError {
  const { details } = forbidden(request.asked, nameShown(request), '').status;
  const causes = complaints.map((complaint) => ({ message: textOf(complaint) }));
  const reason = complaints[0]!.reason ?? 'Forbidden';
  return new StatusError('Forbidden', causes[0]!.message, { ...details, causes }, { reason });
}
