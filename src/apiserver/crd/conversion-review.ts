import { isDeepStrictEqual } from 'node:util';
import { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { type KubeObject, type Mutable, thaw } from '../../api/object.ts';
import { validateAnnotations, validateLabels } from '../../api/object-meta.ts';

/** The envelope of a conversion webhook. Source: apiextensions `apiserver/conversion/webhook_converter.go`. */

type Tree = Record<string, unknown>;

const group = 'apiextensions.k8s.io';
const supported: readonly string[] = ['v1', 'v1beta1'];

/** The first version of the review that both sides know; undefined when there is none. */
export const reviewVersion = (accepted: readonly string[]): string | undefined =>
  accepted.find((version) => supported.includes(version));

/** The request, as JSON. */
export const reviewRequest = (
  version: string,
  uid: string,
  desiredAPIVersion: string,
  objects: readonly KubeObject[],
): string =>
  JSON.stringify({
    kind: 'ConversionReview',
    apiVersion: `${group}/${version}`,
    request: { uid, desiredAPIVersion, objects },
  });

/** Why an answer is no good. */
export class ReviewError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ReviewError';
  }
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

const quoted = (value: unknown) => JSON.stringify(typeof value === 'string' ? value : '');

/** "group/version, Kind=kind" as Go prints it. */
export function kindText(apiVersion: unknown, kind: unknown): string {
  return `${typeof apiVersion === 'string' ? apiVersion : ''}, Kind=${typeof kind === 'string' ? kind : ''}`;
}

/** The converted objects of an answer; whether they are what was asked for is another question. Throws `ReviewError`. */
export function convertedObjects(answer: unknown, version: string, uid: string): readonly unknown[] {
  const review = isTree(answer) ? answer : {};
  const { apiVersion, kind, response } = review;
  const wanted = `${group}/${version}`;
  if (version === 'v1' && (apiVersion !== wanted || kind !== 'ConversionReview'))
    throw new ReviewError(
      `expected webhook response of ${kindText(wanted, 'ConversionReview')}, got ${kindText(apiVersion, kind)}`,
    );
  if (!isTree(response)) throw new ReviewError('no response provided');
  if (version === 'v1' && response['uid'] !== uid)
    throw new ReviewError(`expected response.uid=${JSON.stringify(uid)}, got ${quoted(response['uid'])}`);
  const result = isTree(response['result']) ? response['result'] : {};
  if (result['status'] !== 'Success') {
    const { message, status } = result;
    if (typeof message === 'string' && message) throw new ReviewError(message);
    throw new ReviewError(`response.result.status was '${typeof status === 'string' ? status : ''}', not 'Success'`);
  }
  const { convertedObjects: objects } = response;
  return Array.isArray(objects) ? objects : [];
}

const metadataOf = (object: Tree): Tree => (isTree(object['metadata']) ? object['metadata'] : {});

/** What must be the same before and after, and what it is called. */
const identity: readonly (readonly [string, (object: Tree) => unknown])[] = [
  ['name', (object) => metadataOf(object)['name']],
  ['namespace', (object) => metadataOf(object)['namespace']],
  ['UID', (object) => metadataOf(object)['uid']],
];

/**
 * Checks one converted object against its original and gives it the original's metadata: a webhook may change labels and
 * annotations, nothing else. `where` names the object in a list. Throws `ReviewError`.
 */
export function checkConverted(
  original: KubeObject,
  converted: unknown,
  apiVersion: string,
  where: { readonly object: string; readonly metadata: string },
): Mutable<KubeObject> {
  const object = isTree(converted) ? converted : {};
  const refuse = (place: string, why: string): never => {
    throw new ReviewError(`returned invalid ${place}: ${why}`);
  };
  const [version, kind] = [String(object['apiVersion'] ?? ''), String(object['kind'] ?? '')];
  if (version !== apiVersion)
    refuse(where.object, `invalid groupVersion (expected ${apiVersion}, received ${version})`);
  if (kind !== original.kind) refuse(where.object, `invalid kind (expected ${original.kind}, received ${kind})`);
  for (const [name, read] of identity) {
    const [before, after] = [read(original) ?? '', read(object) ?? ''];
    if (before !== after) refuse(where.object, `must have the same ${name}: ${before} != ${String(after)}`);
  }
  try {
    object['metadata'] = metadataAfter(original, object['metadata']);
  } catch (error) {
    if (!(error instanceof ReviewError)) throw error;
    refuse(where.metadata, error.message);
  }
  return object as unknown as Mutable<KubeObject>;
}

/** The original's metadata with the labels and annotations the webhook gave. */
function metadataAfter(original: KubeObject, answered: unknown): Tree {
  if (answered === undefined) throw new ReviewError('missing metadata in converted object');
  if (!isTree(answered)) throw new ReviewError('invalid metadata in converted object');
  const metadata: Tree = { ...thaw(original.metadata) };
  for (const field of ['labels', 'annotations'] as const) {
    const value = answered[field] ?? undefined;
    delete metadata[field];
    if (value === undefined) continue;
    metadata[field] = checkedMap(field, value, original);
  }
  return metadata;
}

function checkedMap(field: 'labels' | 'annotations', value: unknown, original: KubeObject): Tree {
  if (!isTree(value)) throw new ReviewError(`invalid metadata.${field} in converted object`);
  for (const [key, text] of Object.entries(value))
    if (typeof text !== 'string')
      throw new ReviewError(`metadata.${field}[${key}] must be a string, but is ${typeof text} in converted object`);
  if (isDeepStrictEqual(value, original.metadata[field] ?? {})) return value;
  const errors = new ErrorList();
  if (field === 'labels') validateLabels(value as Record<string, string>, FieldPath.of('metadata', 'labels'), errors);
  else validateAnnotations(value as Record<string, string>, FieldPath.of('metadata', 'annotation'), errors);
  const texts = errors.errors.map((e) => e.text);
  if (texts.length > 0) throw new ReviewError(texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`);
  return value;
}
