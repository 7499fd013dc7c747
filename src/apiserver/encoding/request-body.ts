import {
  type BodyFormat,
  type Decoded,
  type DecodeTarget,
  decodeBody,
  decodeTree,
  type FieldValidation,
} from '../../api/decode.ts';
import { typeFacts } from '../../api/facts.ts';
import type { KubeObject, Mutable } from '../../api/object.ts';
import { parseApplyConfig } from '../../api/patch/apply-config.ts';
import { parsePatch, patchMediaTypes } from '../../api/patch/apply-patch.ts';
import { protobufType } from '../../api/protobuf/envelope.ts';
import { unsupportedMediaType } from '../../api/status.ts';
import type { CallOptions, Patch } from '../../client/call.ts';
import { checkDryRun } from '../registry/write-options.ts';
import { parseClause } from './negotiate.ts';

/** Largest body of a request. Source: apiserver `server/config.go`, MaxRequestBodyBytes. */
export const maxBody = 3 * 1024 * 1024;

const bodyTypes = ['application/json', 'application/yaml', protobufType];
const formats: Readonly<Record<string, BodyFormat>> = {
  '': 'json',
  '*/*': 'json',
  'application/json': 'json',
  'application/yaml': 'yaml',
  'text/yaml': 'yaml',
  'application/x-yaml': 'yaml',
  [protobufType]: 'protobuf',
};

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
  return finished(decodeBody(bytes, formatOf(contentType), target, fieldValidation), warn);
}

function finished({ object, warnings }: Decoded, warn: (text: string) => void): Mutable<KubeObject> {
  for (const text of warnings) warn(text);
  object.metadata ??= {};
  return object;
}

/** Brings a tree that did not come as bytes into the same form. */
export const conformObject = (
  tree: unknown,
  target: DecodeTarget,
  fieldValidation: FieldValidation | undefined,
  warn: (text: string) => void,
): Mutable<KubeObject> => finished(decodeTree(tree, target, fieldValidation), warn);

/** Reads a patch of one of the accepted media types. Throws the 415 Status, or BadRequest. */
export function decodePatch(bytes: Buffer, contentType: string | undefined, accepted: readonly string[]): Patch {
  const mime = contentType ? parseClause(contentType).type : '';
  const type = accepted.includes(mime) ? patchMediaTypes[mime] : undefined;
  if (!type) throw unsupportedMediaType(accepted);
  if (type === 'apply') return parseApplyConfig(bytes);
  return parsePatch(type, bytes);
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

/** The options in the body of a delete; those of its query count only when there is none. */
export function decodeDeleteOptions(bytes: Buffer, contentType: string | undefined, query: CallOptions): CallOptions {
  if (bytes.length === 0) return query;
  const body = decodeObject(bytes, contentType, deleteOptions, 'Ignore', () => {}) as unknown as DeleteOptions;
  checkDryRun('DeleteOptions', body.dryRun ?? []);
  const { gracePeriodSeconds: _, propagationPolicy: __, orphanDependents: ___, dryRun: ____, ...selection } = query;
  return {
    ...selection,
    ...(body.gracePeriodSeconds !== undefined && { gracePeriodSeconds: body.gracePeriodSeconds }),
    ...(body.propagationPolicy && { propagationPolicy: body.propagationPolicy }),
    ...(body.orphanDependents !== undefined && { orphanDependents: body.orphanDependents }),
    ...(body.preconditions && { preconditions: body.preconditions }),
    ...(body.dryRun?.length && { dryRun: true }),
  };
}
