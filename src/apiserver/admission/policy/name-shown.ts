import type { AdmissionRequest } from '../admission.ts';

/** The name by which a refusal calls an object that may not have one yet. Source: apiserver `admission/errors.go`. */
export const nameShown = ({ name, object }: AdmissionRequest): string =>
  name || object?.metadata?.name || object?.metadata?.generateName || 'Unknown';
