import { pathSet, union } from '../../api/managed-fields/field-set.ts';
import type { ResetFields } from '../../api/managed-fields/versions.ts';
import type { Served } from './served.ts';

/**
 * What an endpoint resets and its writers therefore do not own: the status at the object itself, the spec at its status.
 * Kinds that differ say so in their rules. Source: upstream's strategies, `GetResetFields`.
 */

const status: ResetFields = { exclude: pathSet('f:status') };
const spec: ResetFields = { exclude: pathSet('f:spec') };
/** A custom resource's status endpoint takes nothing but the status. */
const specAndMetadata: ResetFields = { exclude: union(pathSet('f:spec'), pathSet('f:metadata')) };

export function resetFieldsOf(served: Served, subresource: string): ResetFields | undefined {
  const own = served.rules.resetFields?.[subresource];
  if (own) return own;
  if (subresource === 'status') return served.custom ? specAndMetadata : spec;
  return subresource === '' && served.subresources.has('status') ? status : undefined;
}
