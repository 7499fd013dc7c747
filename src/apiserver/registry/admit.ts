import type { KubeObject, Mutable } from '../../api/object.ts';
import type { AdmissionOperation, AdmissionRequest } from '../admission/admission.ts';
import type { Operation, Registry } from './operation.ts';

/** The admission view of an operation: of the resource as the verbs work with it, whatever version was asked in. */
export const admissionRequest = (
  op: Operation,
  operation: AdmissionOperation,
  object: Mutable<KubeObject> | undefined,
  old: KubeObject | undefined,
): AdmissionRequest => ({
  operation,
  served: op.served.stored ?? op.served,
  asked: op.served,
  subresource: op.subresource,
  namespace: op.namespace,
  name: op.name || (object?.metadata.name ?? ''),
  user: op.user,
  object,
  old,
  dryRun: op.options.dryRun ?? false,
  options: op.options,
  warn: op.warn,
  signal: op.signal,
  reinvocation: undefined,
});

/** Admission of what is created but never stored: bindings, evictions, token requests. Synchronous where it can be. */
export const admitCreate = (registry: Registry, op: Operation): void | Promise<void> =>
  admitUnstored(registry, admissionRequest(op, 'CREATE', op.object, undefined));

/** Admission of a connection, whose object are its options. */
export const admitConnect = (registry: Registry, op: Operation): void | Promise<void> =>
  admitUnstored(registry, admissionRequest(op, 'CONNECT', op.object, undefined));

function admitUnstored(registry: Registry, request: AdmissionRequest): void | Promise<void> {
  const mutating = registry.admission.mutate(request);
  if (mutating instanceof Promise) return mutating.then(() => registry.admission.validate(request));
  return registry.admission.validate(request);
}
