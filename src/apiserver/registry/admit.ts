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
  name: op.name || object?.metadata.name || object?.metadata.generateName || '',
  user: op.user,
  object,
  old,
  dryRun: op.options.dryRun ?? false,
  options: op.options,
  warn: op.warn,
  signal: op.signal,
  reinvocation: undefined,
});

/**
 * Admission of what is created but never stored: bindings, evictions, token requests, reviews. Synchronous where it can be.
 * `check` looks at what all that mutate have made of it.
 */
export const admitCreate = (registry: Registry, op: Operation, check: () => void = () => {}): void | Promise<void> =>
  admitUnstored(registry, admissionRequest(op, 'CREATE', op.object, undefined), check);

/** Admission of a connection, whose object are its options. */
export const admitConnect = (registry: Registry, op: Operation): void | Promise<void> =>
  admitUnstored(registry, admissionRequest(op, 'CONNECT', op.object, undefined), () => {});

/** Admission of a deletion. */
export const admitDelete = (registry: Registry, op: Operation, old: KubeObject): void | Promise<void> =>
  admitUnstored(registry, admissionRequest(op, 'DELETE', undefined, old), () => {});

function admitUnstored(registry: Registry, request: AdmissionRequest, check: () => void): void | Promise<void> {
  const validate = () => {
    check();
    return registry.admission.validate(request);
  };
  const mutating = registry.admission.mutate(request);
  return mutating instanceof Promise ? mutating.then(validate) : validate();
}
