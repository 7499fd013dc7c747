import type { AdmissionPlugin } from '../admission.ts';
import { mutatingAdmissionPolicy, mutatingSource } from './mutating/plugin.ts';
import { PolicyMetrics } from './policy-metrics.ts';
import { validatingAdmissionPolicy, validatingSource } from './validating/plugin.ts';
import type { PolicyWorld } from './view.ts';

/** The plugins that apply the policies which the cluster has, and follow them until they are closed. */
export interface AdmissionPolicies {
  readonly mutating: AdmissionPlugin;
  readonly validating: AdmissionPlugin;
  readonly metrics: PolicyMetrics;
  close(): void;
}

export function admissionPolicies(parts: Omit<PolicyWorld, 'metrics'>): AdmissionPolicies {
  const metrics = new PolicyMetrics();
  const world = { ...parts, metrics };
  const [mutating, validating] = [mutatingSource(world), validatingSource(world)];
  return {
    mutating: mutatingAdmissionPolicy(mutating, world),
    validating: validatingAdmissionPolicy(validating, world),
    metrics,
    close: () => {
      mutating.close();
      validating.close();
    },
  };
}
