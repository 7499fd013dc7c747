import type { Pod } from '../api/types/core-v1.gen.ts';

/** Which generation of a pod a condition is about. Source: api/v1/pod `CalculatePodConditionObservedGeneration`. */
export function observed({ metadata }: Pod): { readonly observedGeneration?: number } {
  return metadata?.generation ? { observedGeneration: metadata.generation } : {};
}
