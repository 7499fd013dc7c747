import type { DecodeTarget } from '../../api/decode.ts';
import type { KubeObject, Mutable } from '../../api/object.ts';
import { applyPatch, type PatchDocument, patchMediaTypes } from '../../api/patch/apply-patch.ts';
import { badRequest, notFound, unsupportedMediaType } from '../../api/status.ts';
import type { Patch } from '../../client/call.ts';
import type { Entry } from '../../store/store.ts';
import { apply } from './apply.ts';
import { decodeTarget } from './decode-target.ts';
import { checkName, settleNamespace } from './metadata.ts';
import { keyOf, named, type Operation, type Registry, type Result } from './operation.ts';
import type { Served } from './served.ts';
import { onNewestHead, refuseStale, replace, revisionAsked } from './update.ts';
import { inVersion, toWorking, whenEntriesReady } from './versions.ts';

/** PATCH of a resource or of a subresource that holds the whole object. */
export async function patch(registry: Registry, op: Operation): Promise<Result> {
  const asked = op.patch;
  if (!asked) throw badRequest('the patch is empty');
  if (asked.type === 'apply') return await apply(registry, op);
  if (!registry.store.head(keyOf(op))) throw notFound(named(op), op.name);
  const write = async (head: Entry): Promise<Result> => {
    const next = patched(op, inVersion(op.served, head.object), asked, decodeTarget(op.served, op.subresource));
    settleNamespace(op, next);
    checkName(op, next);
    refuseStale(op, head, revisionAsked(op, next));
    toWorking(op.served, next);
    return await replace(registry, op, head, next);
  };
  return await onNewestHead(registry, op, async (head) => await whenEntriesReady(op.served, [head], () => write(head)));
}

/** The patched object in canonical form; findings of strict decoding become warnings. */
export function patched(op: Operation, current: KubeObject, asked: Patch, target: DecodeTarget): Mutable<KubeObject> {
  if (asked.type === 'strategic' && op.served.custom) throw unsupportedMediaType(customPatchTypes);
  const { object, warnings } = applyPatch(current, asked as PatchDocument, target, op.options.fieldValidation);
  for (const text of warnings) op.warn(text);
  object.metadata ??= {};
  return object;
}

const patchTypes = Object.keys(patchMediaTypes);
/** Nobody knows how the lists of a custom resource merge. Source: apiextensions `customresource_handler.go`. */
const customPatchTypes = patchTypes.filter((type) => patchMediaTypes[type] !== 'strategic');

/** The media types in which a resource takes patches. */
export const patchTypesOf = ({ custom }: Served): readonly string[] => (custom ? customPatchTypes : patchTypes);
