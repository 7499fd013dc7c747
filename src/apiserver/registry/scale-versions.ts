import { apiVersionOf, type KubeObject } from '../../api/object.ts';
import { decodeTarget } from './decode-target.ts';
import type { Operation } from './operation.ts';

/**
 * A Scale in the version of a request. Those older than autoscaling/v1 show the selector as a map of labels, where it is
 * one, and as text beside it. Source: kubernetes 1.15 `pkg/apis/{apps,extensions}/v1beta1/conversion.go`.
 */
export function scaleAsAsked(op: Pick<Operation, 'served' | 'subresource'>, scale: KubeObject): KubeObject {
  const apiVersion = apiVersionOf(decodeTarget(op.served, op.subresource));
  if (apiVersion === scale.apiVersion) return scale;
  const { replicas, selector: targetSelector } = scale['status'] as { replicas: number; selector?: string };
  const selector = targetSelector && plainLabels(targetSelector);
  const status = { replicas, ...(selector && { selector }), ...(targetSelector && { targetSelector }) };
  return { ...scale, apiVersion, status };
}

/** "a=b,c=d" as a map; undefined for a selector that says more. */
function plainLabels(selector: string): Record<string, string> | undefined {
  const terms = selector.split(',').map((term) => /^([^=!\s]+)=([^=\s]*)$/.exec(term));
  if (terms.includes(null)) return undefined;
  return Object.fromEntries(terms.map((term) => [term![1]!, term![2]!]));
}
