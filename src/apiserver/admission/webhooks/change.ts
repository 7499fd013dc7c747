import { decodeTree } from '../../../api/decode.ts';
import { parseJson, refuseProto } from '../../../api/json.ts';
import { JsonError } from '../../../api/json-parser.ts';
import { type KubeObject, type Mutable, thaw } from '../../../api/object.ts';
import { applyJsonPatch, type Operation, parseJsonPatch } from '../../../api/patch/json-patch.ts';
import { BadPatch, UnfitPatch } from '../../../api/patch/patch-error.ts';
import { internalError, StatusError } from '../../../api/status.ts';
import { decodeTarget } from '../../registry/decode-target.ts';
import { sameTree } from '../../registry/equality.ts';
import type { AdmissionRequest } from '../admission.ts';
import { writeBack } from '../matching/write-back.ts';
import type { AnsweredPatch } from './review.ts';
import type { Showing } from './webhook-caller.ts';
import { CallFailure } from './webhook-outcome.ts';

/**
 * Does to the object of a write what a webhook answered: the patch is of the version that the webhook was shown, and its
 * result is decoded and defaulted as a body would be. Whether that changed anything. Throws `CallFailure` for a patch that is
 * none, the 500 for one that does not fit. Source: apiserver `admission/plugin/webhook/mutating/dispatcher.go`.
 */
export async function change(
  webhook: string,
  { request, shown, objects }: Showing,
  patch: AnsweredPatch,
): Promise<boolean> {
  const operations = operationsOf(webhook, patch);
  if (operations.length === 0) return false;
  if (!request.object || !objects.object)
    throw internalError(
      `admission webhook ${JSON.stringify(webhook)} attempted to modify the object, which is not supported for this operation`,
    );
  if (patch.type !== 'JSONPatch')
    throw new CallFailure(webhook, `unsupported patch type ${JSON.stringify(patch.type)}`, 400);
  const next = patched(objects.object, operations, request, shown);
  if (sameTree(next, objects.object)) return false;
  await writeBack(request, shown, next);
  return true;
}

function operationsOf(webhook: string, { bytes }: AnsweredPatch): readonly Operation[] {
  try {
    const document = parseJson(bytes).value;
    refuseProto(document);
    return parseJsonPatch(document ?? []);
  } catch (error) {
    if (error instanceof JsonError || error instanceof BadPatch || error instanceof StatusError)
      throw new CallFailure(webhook, `received undecodable patch in webhook response: ${error.message}`);
    throw error;
  }
}

/** The object with the patch, in canonical form. What the kind does not know is dropped. */
function patched(
  object: KubeObject,
  operations: readonly Operation[],
  { subresource }: AdmissionRequest,
  shown: Showing['shown'],
): Mutable<KubeObject> {
  try {
    const tree = applyJsonPatch(thaw(object), operations);
    const { object: decoded } = decodeTree(tree, decodeTarget(shown, subresource), 'Ignore');
    if (object.metadata) decoded.metadata ??= {};
    return decoded;
  } catch (error) {
    if (error instanceof UnfitPatch || error instanceof BadPatch || error instanceof StatusError)
      throw internalError(error.message);
    throw error;
  }
}
