import { type BodyFormat, decodeBody, decodeTree, type DecodeTarget, type FieldValidation } from '../../api/decode.ts';
import { kindFacts, typeFacts } from '../../api/facts.ts';
import { parseJson } from '../../api/json.ts';
import { JsonError } from '../../api/json-parser.ts';
import type { KubeObject, Mutable } from '../../api/object.ts';
import { badRequest, StatusError, unsupportedMediaType } from '../../api/status.ts';
import type { CallOptions, Patch } from '../../client/call.ts';
import type { Served } from '../registry/served.ts';
import { parseClause } from './negotiate.ts';

/** Largest body of a request. Source: apiserver `server/config.go`, MaxRequestBodyBytes. */
export const maxBody = 3 * 1024 * 1024;

const bodyTypes = ['application/json', 'application/yaml'];
const formats: Readonly<Record<string, BodyFormat>> = {
  '': 'json',
  '*/*': 'json',
  'application/json': 'json',
  'application/yaml': 'yaml',
  'text/yaml': 'yaml',
  'application/x-yaml': 'yaml',
};

const patchTypes: Readonly<Record<string, Patch['type']>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};

/** What the body of a request to a resource or subresource must be. Undefined for kinds the facts do not know. */
export function targetOf(served: Served, subresource: string): DecodeTarget {
  const sub = subresource ? served.subresources.get(subresource) : undefined;
  const group = sub?.group ?? served.group;
  const version = sub?.version ?? served.version;
  const kind = sub?.kind ?? served.kind;
  const type = kindFacts(group, version, kind);
  if (!type) throw badRequest(`no kind ${JSON.stringify(kind)} is registered for ${group}/${version}`);
  return { group, version, kind, type };
}

/** The format of a body by its Content-Type. Throws the 415 Status. */
function formatOf(contentType: string | undefined): BodyFormat {
  const type = contentType ? parseClause(contentType).type : '';
  const format = Object.hasOwn(formats, type) ? formats[type] : undefined;
  if (!format) throw unsupportedMediaType(bodyTypes);
  return format;
}

/** Decodes an object. Unknown and repeated fields become warnings or, if asked, a refusal. */
export function decodeObject(
  bytes: Buffer,
  contentType: string | undefined,
  target: DecodeTarget,
  fieldValidation: FieldValidation | undefined,
  warn: (text: string) => void,
): Mutable<KubeObject> {
  const { object, warnings } = decodeBody(bytes, formatOf(contentType), target, fieldValidation);
  for (const text of warnings) warn(text);
  object.metadata ??= {};
  return object;
}

/** Brings a tree that did not come as bytes (patched, in-process) into the same form. */
export function conformObject(
  tree: unknown,
  target: DecodeTarget,
  fieldValidation: FieldValidation | undefined,
  warn: (text: string) => void,
): Mutable<KubeObject> {
  const { object, warnings } = decodeTree(tree, target, fieldValidation);
  for (const text of warnings) warn(text);
  object.metadata ??= {};
  return object;
}

/** Reads a patch; the kind is its Content-Type. */
export function decodePatch(bytes: Buffer, contentType: string | undefined): Patch {
  const mime = contentType ? parseClause(contentType).type : '';
  if (mime.startsWith('application/apply-patch'))
    throw new StatusError('UnsupportedMediaType', 'server-side apply is not served by this version of krill yet');
  const type = Object.hasOwn(patchTypes, mime) ? patchTypes[mime] : undefined;
  if (!type) throw unsupportedMediaType(Object.keys(patchTypes));
  let body: unknown;
  try {
    body = parseJson(bytes).value;
  } catch (error) {
    if (error instanceof JsonError) throw badRequest(`error decoding patch: ${error.message}`);
    throw error;
  }
  if (type === 'json' ? !Array.isArray(body) : typeof body !== 'object' || body === null || Array.isArray(body))
    throw badRequest(`error decoding patch: json: cannot unmarshal ${Array.isArray(body) ? 'array' : typeof body} into Go value`);
  return { type, body };
}

const deleteOptions: DecodeTarget = {
  group: 'meta.k8s.io',
  version: 'v1',
  kind: 'DeleteOptions',
  type: typeFacts('meta/v1.DeleteOptions'),
  anyVersion: true,
};

interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: readonly string[];
}

/** The body of a delete, over the options of its query. */
export function decodeDeleteOptions(bytes: Buffer, contentType: string | undefined, query: CallOptions): CallOptions {
  if (bytes.length === 0) return query;
  const body = decodeBody(bytes, formatOf(contentType), deleteOptions, 'Ignore').object as unknown as DeleteOptions;
  return {
    ...query,
    ...(body.gracePeriodSeconds !== undefined && { gracePeriodSeconds: body.gracePeriodSeconds }),
    ...(body.propagationPolicy && { propagationPolicy: body.propagationPolicy }),
    ...(body.orphanDependents !== undefined && { orphanDependents: body.orphanDependents }),
    ...(body.preconditions && { preconditions: body.preconditions }),
    ...(body.dryRun?.length && { dryRun: true }),
  };
}
