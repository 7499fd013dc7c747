import { ConformError, conform } from './conform.ts';
import { kindFacts, packageOf, type TypeFacts } from './facts.ts';
import { ErrorList, FieldPath } from './field-errors.ts';
import { type JsonDocument, parseJson } from './json.ts';
import { JsonError, parseJsonExactly } from './json-parser.ts';
import { apiVersionOf, type KubeObject, type Mutable, parseApiVersion } from './object.ts';
import { decodeMessage } from './protobuf/decode.ts';
import { openEnvelope } from './protobuf/envelope.ts';
import { ProtobufError } from './protobuf/wire-reader.ts';
import { badRequest, invalid, type StatusError } from './status.ts';
import { parseYaml, YamlError } from './yaml.ts';

/**
 * From request bytes to a private mutable tree in canonical form. Every failure is a BadRequest with upstream's text.
 */

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** What the request must carry. */
export interface DecodeTarget {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly type: TypeFacts;
  /** The body may name any group version of the kind: DeleteOptions and other meta/v1 kinds. */
  readonly anyVersion?: boolean;
  /** Other apiVersions of the same shape that the body may name. */
  readonly alsoAs?: readonly string[];
  /** Of custom resources, whose type is open: drops what the schema does not know, in place, and returns the paths. */
  readonly prune?: (tree: Record<string, unknown>) => readonly string[];
}

export interface Decoded {
  readonly object: Mutable<KubeObject>;
  /** Texts for Warning headers. */
  readonly warnings: readonly string[];
}

export type BodyFormat = 'json' | 'yaml' | 'protobuf';

interface Parsed {
  readonly value: unknown;
  /** Of JSON, whose duplicate fields are looked for only when the tree lacks keys of the text. */
  readonly json?: JsonDocument;
  /** What strict decoding has found so far. */
  readonly findings: readonly string[];
  /** Whether Go would meet the fields in the order of their names: it reads YAML by way of a map. */
  readonly byName?: boolean;
}

const parsers: Readonly<Record<BodyFormat, (bytes: Uint8Array, target: DecodeTarget) => Parsed>> = {
  json: (bytes) => {
    const json = parseJson(bytes);
    return { value: json.value, json, findings: [] };
  },
  yaml: (bytes) => {
    const { value, duplicates } = parseYaml(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
    const findings = duplicates.length > 0 ? [[yamlErrors, ...duplicates].join('\n  ')] : [];
    return { value, findings, byName: true };
  },
  protobuf: parseProtobuf,
};

/** An envelope that names no kind holds the one that is wanted. */
function parseProtobuf(bytes: Uint8Array, target: DecodeTarget): Parsed {
  const { apiVersion, kind, raw } = openEnvelope(bytes);
  const named = { apiVersion: apiVersion || apiVersionOf(target), kind: kind || target.kind };
  checkKind(named, target);
  if (target.type.wire.length === 0) throw cannotHandle(target, noMessage);
  try {
    const { tree, unknown } = decodeMessage(target.type, raw);
    return { value: Object.assign(tree, named), findings: unknown.map(unknownField) };
  } catch (error) {
    throw error instanceof ProtobufError ? cannotHandle(target, error.message) : error;
  }
}

/** Source: apimachinery `runtime/serializer/protobuf`, errNotMarshalable. */
const noMessage =
  'object *unstructured.Unstructured does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message';

/** What stands before the keys that YAML sets twice, one per line. */
const yamlErrors = 'yaml: unmarshal errors:';

/** As warnings each of them stands alone. Source: apiserver `endpoints/handlers/rest.go`, parseYAMLWarnings. */
const warningsOf = (finding: string): string[] =>
  finding.startsWith(yamlErrors) ? finding.split('\n  ').slice(1) : [finding];

const unknownField = (path: string) => `unknown field "${path}"`;

/** The start of a body that was not understood: text when it looks like JSON, hex else. */
function summary(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>';
  const start = Buffer.from(bytes.subarray(0, 30));
  return (start[0] === 0x7b ? start.toString('utf8') : start.toString('hex')) + (bytes.length > 30 ? ' ...' : '');
}

function unrecognized(kind: string, why: string, bytes: Uint8Array): StatusError {
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why} (${summary(bytes)})`);
}

const jsonKind = (value: unknown) =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;

const interpretStruct =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** Why a tree is no object with an apiVersion and a kind that are text; undefined when it is. */
export function interpretError(value: unknown): string | undefined {
  const failed = (what: string) => `couldn't get version/kind; json parse error: json: cannot unmarshal ${what}`;
  if (value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value))
    return failed(`${jsonKind(value)} into Go value of type ${interpretStruct}`);
  const { apiVersion, kind } = value as Record<string, unknown>;
  if (kind !== undefined && kind !== null && typeof kind !== 'string')
    return failed(`${jsonKind(kind)} into Go struct field .kind of type string`);
  if (apiVersion !== undefined && apiVersion !== null && typeof apiVersion !== 'string')
    return failed(`${jsonKind(apiVersion)} into Go struct field .apiVersion of type string`);
  return undefined;
}

/** Decodes a request body. `fieldValidation` is Warn unless given, as on a server. Throws BadRequest. */
export function decodeBody(
  bytes: Uint8Array,
  format: BodyFormat,
  target: DecodeTarget,
  fieldValidation: FieldValidation = 'Warn',
): Decoded {
  let parsed: Parsed;
  try {
    parsed = parsers[format](bytes, target);
  } catch (error) {
    if (error instanceof JsonError)
      throw unrecognized(target.kind, `couldn't get version/kind; json parse error: ${error.message}`, bytes);
    if (error instanceof YamlError)
      throw unrecognized(target.kind, `error converting YAML to JSON: ${error.message}`, bytes);
    if (error instanceof ProtobufError) throw unrecognized(target.kind, error.message, bytes);
    throw error;
  }
  const wrong = interpretError(parsed.value);
  if (wrong) throw unrecognized(target.kind, wrong, bytes);
  return finish(parsed, target, fieldValidation);
}

/**
 * Conforms a tree that did not come as bytes: a patched object, or an in-process write. The tree is changed and owned.
 * Throws BadRequest.
 */
export function decodeTree(tree: unknown, target: DecodeTarget, fieldValidation: FieldValidation = 'Warn'): Decoded {
  const wrong = interpretError(tree);
  if (wrong) throw badRequest(wrong);
  return finish({ value: tree, findings: [] }, target, fieldValidation);
}

function finish(parsed: Parsed, target: DecodeTarget, fieldValidation: FieldValidation): Decoded {
  const tree = (parsed.value ?? {}) as Record<string, unknown>;
  checkKind(tree, target);
  const strict = fieldValidation !== 'Ignore';
  try {
    const { value, unknown, keys } = conform(target.type, tree, strict && parsed.json !== undefined);
    const object = value as Mutable<KubeObject>;
    if (!target.anyVersion || !object.apiVersion) object.apiVersion = apiVersionOf(target);
    object.kind = target.kind;
    const pruned = target.prune?.(object) ?? [];
    const findings = strict ? findingsOf(parsed, target.type, keys, unknown, pruned) : [];
    if (findings.length && fieldValidation === 'Strict')
      throw cannotHandle(target, `strict decoding error: ${findings.join(', ')}`);
    return { object, warnings: findings.flatMap(warningsOf) };
  } catch (error) {
    if (error instanceof ConformError) throw cannotHandle(target, error.message);
    throw error;
  }
}

/** All that strict decoding has to say. Only when keys were lost in parsing is JSON read again, slowly, to name them. */
function findingsOf(
  { json, findings, byName }: Parsed,
  type: TypeFacts,
  keys: number,
  unknown: readonly string[],
  pruned: readonly string[],
): string[] {
  const inOrder = byName ? [...unknown].sort() : unknown;
  if (json === undefined || keys >= json.keys) return [...findings, ...[...inOrder, ...pruned].map(unknownField)];
  // Custom resources are read as untyped JSON first, and by their schema later.
  const again = parseJsonExactly(json.text, type.open ? undefined : type).findings;
  return type.open ? [...again, ...[...unknown, ...pruned].map(unknownField)] : [...again];
}

const cannotHandle = (target: DecodeTarget, why: string) =>
  badRequest(
    `${target.kind} in version ${JSON.stringify(target.version)} cannot be handled as a ${target.kind}: ${why}`,
  );

/** Refuses a tree that says it is of another kind or version. Throws BadRequest, or Invalid for a custom resource. */
export function checkKind(tree: Record<string, unknown>, target: DecodeTarget): void {
  const kind = (tree['kind'] as string | null | undefined) || target.kind;
  const apiVersion = (tree['apiVersion'] as string | null | undefined) || apiVersionOf(target);
  const gv = parseApiVersion(apiVersion);
  if (!gv) throw badRequest(`unexpected GroupVersion string: ${apiVersion}`);
  if (kind !== target.kind && !target.prune) throw wrongKind(gv, apiVersion, kind, target);
  if (!target.anyVersion && apiVersion !== apiVersionOf(target) && !target.alsoAs?.includes(apiVersion))
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(target)})`,
    );
  if (kind !== target.kind) throw foreignKind(tree, kind, target);
}

/** What validation says of a custom resource of another kind. Source: apiextensions `customresource/validator.go`. */
function foreignKind(
  tree: Record<string, unknown>,
  kind: string,
  { group, kind: expected }: DecodeTarget,
): StatusError {
  const errors = new ErrorList();
  errors.invalid(FieldPath.of('kind'), kind, `must be ${expected}`);
  const { name } = (tree['metadata'] ?? {}) as { name?: unknown };
  return invalid({ group, kind }, typeof name === 'string' ? name : '', errors.errors);
}

function wrongKind(
  gv: { group: string; version: string },
  apiVersion: string,
  kind: string,
  target: DecodeTarget,
): StatusError {
  const known = kindFacts(gv.group, gv.version, kind) !== undefined;
  const pkg = packageOf(target.group, target.version)?.split('/')[0] ?? target.group;
  const why = known
    ? `converting (${gv.version}.${kind}) to (${pkg}.${target.kind}): unknown conversion`
    : `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`;
  return badRequest(`${kind} in version ${JSON.stringify(gv.version)} cannot be handled as a ${target.kind}: ${why}`);
}
