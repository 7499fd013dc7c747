import { ConformError, conform, TypeMismatch } from '../conform.ts';
import { checkKind, type Decoded, type DecodeTarget, type FieldValidation, interpretError } from '../decode.ts';
import { ErrorList, FieldPath } from '../field-errors.ts';
import { goText } from '../go-print.ts';
import { countKeys, parseJson, refuseProto } from '../json.ts';
import { anyJson, JsonError, parseJsonExactly, type ReadAs } from '../json-parser.ts';
import { apiVersionOf, type KubeObject, type Mutable, thaw } from '../object.ts';
import { badRequest, invalid } from '../status.ts';
import { applyJsonPatch, parseJsonPatch } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';
import { patchStatus } from './patch-error.ts';
import { applyStrategicPatch } from './strategic.ts';
import { unconvertible } from './unconvertible.ts';

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

/** Media types of patch requests. */
export const patchMediaTypes: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

/** A patch as parsed from a request, or as an in-process caller made it. Apply patches go another way. */
export interface PatchDocument {
  readonly type: Exclude<PatchType, 'apply'>;
  readonly body: unknown;
  /** Strict decoding findings about the patch text itself. */
  readonly findings?: readonly string[];
}

/** Parses the bytes of a patch. Throws BadRequest. */
export function parsePatch(type: PatchDocument['type'], bytes: Uint8Array): PatchDocument {
  try {
    const { value, keys, text } = parseJson(bytes);
    const suspect = countKeys(value) < keys || (type === 'json' && hasUnknownMembers(value));
    if (!suspect) return { type, body: value };
    const { findings } = parseJsonExactly(text, type === 'json' ? operations : undefined);
    return { type, body: value, findings: type === 'json' ? findings.map((text) => `json patch ${text}`) : findings };
  } catch (error) {
    if (error instanceof JsonError)
      throw badRequest(type === 'strategic' ? error.message : `error decoding patch: ${error.message}`);
    throw error;
  }
}

const text: ReadAs = { shape: 'string', fields: new Map(), element: undefined };
const members: ReadAs['fields'] = new Map([
  ['op', { type: text }],
  ['path', { type: text }],
  ['from', { type: text }],
  ['value', { type: anyJson }],
]);

/** A JSON patch as strict decoding reads it. Source: apiserver `endpoints/handlers/patch.go`, jsonPatchOp. */
const operations: ReadAs = {
  shape: 'list',
  fields: new Map(),
  element: { shape: 'struct', fields: members, element: undefined },
};

const hasUnknownMembers = (patch: unknown) =>
  Array.isArray(patch) && patch.some((op) => Object.keys(Object(op)).some((member) => !members.has(member)));

const entries = '/metadata/managedFields';

/** Whether an operation does more with the entries of field managers than to replace or remove them all. */
const reaches = ({ path, from }: { path?: unknown; from?: unknown }): boolean =>
  (typeof path === 'string' && path.includes('/managedFields') && path !== entries) ||
  (typeof from === 'string' && from.includes('/managedFields'));

function reachesEntries({ type, body }: PatchDocument): boolean {
  if (type === 'json') return !Array.isArray(body) || body.some((operation) => reaches(operation ?? {}));
  const metadata = (body as { metadata?: unknown } | null)?.metadata;
  return typeof metadata === 'object' && metadata !== null && Object.hasOwn(metadata, 'managedFields');
}

/** A copy to patch. The entries of field managers are large and hardly ever patched, so they are shared unless they are. */
function privateCopy(current: KubeObject, patch: PatchDocument): Record<string, unknown> {
  const { managedFields, ...metadata } = current.metadata;
  if (!managedFields || reachesEntries(patch)) return thaw(current) as Record<string, unknown>;
  const copy = thaw({ ...current, metadata }) as Mutable<KubeObject>;
  copy.metadata.managedFields = managedFields as never;
  return copy;
}

function patched(current: KubeObject, patch: PatchDocument, target: DecodeTarget): unknown {
  const document = privateCopy(current, patch);
  try {
    refuseProto(patch.body);
    if (patch.type === 'json') return applyJsonPatch(document, parseJsonPatch(patch.body));
    if (patch.type === 'merge') return applyMergePatch(document, patch.body);
    return applyStrategicPatch(document, patch.body, target.type);
  } catch (error) {
    throw error instanceof JsonError ? badRequest(error.message) : patchStatus(error);
  }
}

/** Upstream shows a strategic patch itself, but the whole result of the other kinds. */
function refuse(patch: PatchDocument, tree: unknown, why: string): never {
  const errors = new ErrorList();
  const shown = patch.type === 'strategic' ? goText(patch.body) : JSON.stringify(tree);
  errors.invalid(FieldPath.of('patch'), shown, why);
  throw invalid({ group: '', kind: '' }, '', errors.errors);
}

/**
 * Applies a patch to a stored (frozen) object and brings the result into canonical form: a private mutable tree, as
 * decode yields it. Throws the Status a server answers: 400, 413 or 422.
 */
export function applyPatch(
  current: KubeObject,
  patch: PatchDocument,
  target: DecodeTarget,
  fieldValidation: FieldValidation = 'Warn',
): Decoded {
  const tree = patched(current, patch, target);
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree))
    refuse(patch, tree, 'the patched document is not an object');
  const unreadable = interpretError(tree);
  if (unreadable) refuse(patch, tree, unreadable);
  checkKind(tree as Record<string, unknown>, target);
  try {
    const { value, unknown } = conform(target.type, tree);
    const object = value as Mutable<KubeObject>;
    object.apiVersion = apiVersionOf(target);
    object.kind = target.kind;
    const pruned = target.prune?.(object) ?? [];
    if (fieldValidation === 'Ignore') return { object, warnings: [] };
    // Go merges into maps, which it then reads in the order of their keys.
    const found = [...[...unknown].sort(), ...pruned].map((path) => `unknown field "${path}"`);
    const findings = [...(patch.findings ?? []), ...found];
    if (findings.length && fieldValidation === 'Strict')
      refuse(patch, tree, `strict decoding error: ${findings.join(', ')}`);
    return { object, warnings: findings };
  } catch (error) {
    if (patch.type === 'strategic' && error instanceof TypeMismatch) refuse(patch, tree, unconvertible(error));
    if (error instanceof ConformError) refuse(patch, tree, error.message);
    throw error;
  }
}
