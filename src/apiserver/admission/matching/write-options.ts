import type { AdmissionRequest } from '../admission.ts';

/** The options of a write, as CreateOptions, UpdateOptions or DeleteOptions; none for connections. */
export function writeOptions({ operation, options, dryRun }: AdmissionRequest): Record<string, unknown> | undefined {
  const kind = kinds[operation];
  if (!kind) return undefined;
  const common = { kind, apiVersion: 'meta.k8s.io/v1', ...(dryRun && { dryRun: ['All'] }) };
  if (kind !== 'DeleteOptions') {
    const { fieldManager, fieldValidation } = options;
    return { ...common, ...(fieldManager && { fieldManager }), ...(fieldValidation && { fieldValidation }) };
  }
  const { gracePeriodSeconds, preconditions, orphanDependents, propagationPolicy } = options;
  return {
    ...common,
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(preconditions && { preconditions }),
    ...(orphanDependents !== undefined && { orphanDependents }),
    ...(propagationPolicy && { propagationPolicy }),
  };
}

const kinds: Readonly<Record<AdmissionRequest['operation'], string | undefined>> = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
  CONNECT: undefined,
};
