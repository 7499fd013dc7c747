import type { KubeObject, Mutable } from '../../api/object.ts';
import type { AdmissionOperation, AdmissionRequest } from '../admission/admission.ts';
import type { Operation } from './operation.ts';

/** The admission view of an operation: of the resource as it is stored, whatever version was asked in. */
export const admissionRequest = (
  op: Operation,
  operation: AdmissionOperation,
  object: Mutable<KubeObject> | undefined,
  old: KubeObject | undefined,
): AdmissionRequest => ({
  operation,
  served: op.served.stored ?? op.served,
  subresource: op.subresource,
  namespace: op.namespace,
  name: op.name || (object?.metadata.name ?? ''),
  user: op.user,
  object,
  old,
  dryRun: op.options.dryRun ?? false,
  warn: op.warn,
});
