import type { AdmissionPlugin } from '../admission.ts';
import { mutatingAdmissionPolicy, mutatingSource } from './mutating/plugin.ts';
import { validatingAdmissionPolicy, validatingSource } from './validating/plugin.ts';
import type { PolicyWorld } from './view.ts';

/** The plugins that apply the policies which the cluster has, and follow them until they are closed. */
export interface AdmissionPolicies {
  readonly mutating: AdmissionPlugin;
  readonly validating: AdmissionPlugin;
  close(): void;
}

export function admissionPolicies(world: PolicyWorld): AdmissionPolicies {
  const [mutating, validating] = [mutatingSource(world.store), validatingSource(world.store)];
  return {
    mutating: mutatingAdmissionPolicy(mutating, world),
    validating: validatingAdmissionPolicy(validating, world),
    close: () => {
      mutating.close();
      validating.close();
    },
  };
}
