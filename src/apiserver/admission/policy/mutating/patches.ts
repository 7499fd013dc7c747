import { decodeTree } from '../../../../api/decode.ts';
import { refuseProto } from '../../../../api/json.ts';
import { JsonError } from '../../../../api/json-parser.ts';
import { configErrors } from '../../../../api/managed-fields/check-config.ts';
import { mergeFields } from '../../../../api/managed-fields/merge.ts';
import type { Tree } from '../../../../api/managed-fields/place.ts';
import { type KubeObject, type Mutable, thaw } from '../../../../api/object.ts';
import { applyJsonPatch, parseJsonPatch } from '../../../../api/patch/json-patch.ts';
import { BadPatch, PatchTestFailed, UnfitPatch } from '../../../../api/patch/patch-error.ts';
import { internalError, StatusError } from '../../../../api/status.ts';
import { decodeTarget } from '../../../registry/decode-target.ts';
import type { Served } from '../../../registry/served.ts';
import { isWhole } from '../../matching/target.ts';
import { atomicPaths } from './atomics.ts';

/** A mutation that cannot be done to an object; the text is upstream's. */
export class MutationError extends Error {}

/** What is mutated: the resource in the version that the policy sees, and the subresource. */
export interface Target {
  readonly shown: Served;
  readonly subresource: string;
}

/** Does what an expression gave to an object, and gives the new one, private and in canonical form. */
export type ApplyPatch = (object: KubeObject, value: unknown, target: Target) => Mutable<KubeObject>;

/** A key that no tree of JSON may have here. */
function refuseProtoKeys(value: unknown): void {
  try {
    refuseProto(value);
  } catch (error) {
    throw error instanceof JsonError ? new MutationError(error.message) : error;
  }
}

/**
 * Merges a configuration into an object as server-side apply does, but nobody owns anything by it. Throws `MutationError`.
 * Source: apiserver `plugin/policy/mutating/patch/smd.go`.
 */
export const applyConfiguration: ApplyPatch = (object, value, target) => {
  refuseProtoKeys(value);
  const { shown, subresource } = target;
  const wanted = decodeTarget(shown, subresource);
  const type = isWhole(shown, subresource) ? shown.type : wanted.type;
  const config = { ...(value as Tree), apiVersion: object.apiVersion, kind: object.kind };
  const wrong = configErrors(type, config);
  if (wrong !== undefined)
    throw new MutationError(`error applying patch: failed to convert patch object to typed object: ${wrong}`);
  const atomics = [...atomicPaths(type, config)];
  if (atomics.length > 0)
    throw new MutationError(
      `error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`,
    );
  try {
    return decodeTree(thaw(mergeFields(type, object, config)), wanted, 'Ignore').object;
  } catch (error) {
    if (error instanceof StatusError) throw new MutationError(error.message);
    throw error;
  }
};

/**
 * Applies a JSON patch. One whose test fails changes nothing. Throws `MutationError`, or the 500 where the result has fields
 * that the kind does not know. Source: apiserver `plugin/policy/mutating/patch/json_patch.go`.
 */
export const applyOperations: ApplyPatch = (object, value, { shown, subresource }) => {
  const target = decodeTarget(shown, subresource);
  let patched: unknown;
  try {
    refuseProtoKeys(value);
    patched = applyJsonPatch(thaw(object), parseJsonPatch(value));
  } catch (error) {
    if (error instanceof PatchTestFailed) return thaw(object) as Mutable<KubeObject>;
    if (error instanceof UnfitPatch || error instanceof BadPatch)
      throw new MutationError(`JSON Patch: ${error.message}`);
    throw error;
  }
  try {
    return decodeTree(patched, target, target.prune ? 'Ignore' : 'Strict').object;
  } catch (error) {
    if (error instanceof StatusError) throw internalError(error.message);
    throw error;
  }
};
