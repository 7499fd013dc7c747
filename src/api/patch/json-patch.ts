import { isBigInteger } from '../json-number.ts';
import { thaw } from '../object.ts';
import { StatusError } from '../status.ts';
import { BadPatch, PatchTestFailed, UnfitPatch } from './patch-error.ts';

/**
 * JSON Patch (RFC 6902) with the server's semantics: at most 10,000 operations, at most 3 MiB added by copies, negative
 * list indexes counted from the end. Source of the texts: evanphx/json-patch v4 as kube-apiserver uses it.
 */

export const maxOperations = 10_000;
export const maxCopied = 3 * 1024 * 1024;

type Name = 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';

export interface Operation {
  readonly op: Name;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

const missingPath = 'doc is missing path:';

type Container = unknown[] | Record<string, unknown>;

const names: ReadonlySet<string> = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

/** Checks the form of a patch document. Throws `BadPatch`, or 413 for too many operations. */
export function parseJsonPatch(document: unknown): Operation[] {
  if (!Array.isArray(document))
    throw new BadPatch('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  if (document.length > maxOperations)
    throw new StatusError(
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${maxOperations}, got ${document.length}`,
    );
  return document.map((item) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item))
      throw new BadPatch('json: cannot unmarshal array into Go value of type jsonpatch.Operation');
    return item as Operation;
  });
}

const unquote = (token: string) => token.replace(/~1/g, '/').replace(/~0/g, '~');

const isContainer = (value: unknown): value is Container =>
  typeof value === 'object' && value !== null && !isBigInteger(value);

/** One patch being applied to one private document. */
class Application {
  document: unknown;
  #copied = 0;

  constructor(document: unknown) {
    this.document = document;
  }

  run(operation: Operation): void {
    const { op } = operation;
    if (!names.has(op)) throw new UnfitPatch(`Unexpected kind: ${String(op ?? 'unknown')}`);
    if (typeof operation.path !== 'string')
      throw new UnfitPatch(`${op} operation: failed to decode 'path': operation missing path field`);
    if (op === 'add' || op === 'replace' || op === 'test') this[op](operation.path, operation.value);
    else if (op === 'remove') this.remove(operation.path);
    else this.#transfer(op, operation);
  }

  add(path: string, value: unknown): void {
    const { container, key } = this.#place('add', path, missingPath, JSON.stringify(path));
    insert(container, key, thaw(value ?? null));
  }

  remove(path: string): void {
    const { container, key } = this.#place('remove', path);
    removeFrom(container, key);
  }

  replace(path: string, value: unknown): void {
    if (path === '') {
      if (!isContainer(value)) throw new UnfitPatch('replace operation hit a non-container document');
      this.document = thaw(value);
      return;
    }
    const { container, key } = this.#place('replace', path);
    if (Array.isArray(container)) container[indexOf(key, container.length, 'replace', path)] = thaw(value ?? null);
    else if (Object.hasOwn(container, key)) container[key] = thaw(value ?? null);
    else throw new UnfitPatch(`replace operation does not apply: doc is missing key: ${path}: missing value`);
  }

  test(path: string, expected: unknown): void {
    const actual = path === '' ? this.document : this.#lookup('test', path);
    if (!equal(actual ?? null, expected ?? null))
      throw new PatchTestFailed(`testing value ${path} failed: test failed`);
  }

  #transfer(op: 'move' | 'copy', operation: Operation): void {
    const { from } = operation;
    if (typeof from !== 'string')
      throw new UnfitPatch(`${op} operation: failed to decode 'from': operation missing from field`);
    const source = this.#place(op, from, 'doc is missing from path:');
    const value = read(source.container, source.key);
    if (value === undefined) throw new UnfitPatch(`error in ${op} for path: '${source.key}': missing value`);
    if (op === 'copy') {
      this.#copied += JSON.stringify(value).length;
      if (this.#copied > maxCopied)
        throw new UnfitPatch(
          `Unable to complete the copy, the accumulated size increase of copy is ${this.#copied}, exceeding the limit ${maxCopied}`,
        );
    } else removeFrom(source.container, source.key);
    const target = this.#place(op, operation.path, 'doc is missing destination path:');
    insert(target.container, target.key, op === 'copy' ? thaw(value) : value);
  }

  #lookup(op: Name, path: string): unknown {
    const { container, key } = this.#place(op, path, 'is missing path:');
    return read(container, key);
  }

  /** The container a pointer's last token speaks of. */
  #place(op: Name, path: string, what = missingPath, shown = path): { container: Container; key: string } {
    const tokens = path.split('/').map(unquote);
    const missing = () => new UnfitPatch(`${op} operation does not apply: ${what} ${shown}: missing value`);
    if (tokens.length < 2) throw missing();
    let container: unknown = this.document;
    for (const token of tokens.slice(1, -1)) {
      container = isContainer(container) ? read(container, token) : undefined;
    }
    if (!isContainer(container)) throw missing();
    return { container, key: tokens.at(-1)! };
  }
}

function read(container: Container, key: string): unknown {
  if (!Array.isArray(container)) return Object.hasOwn(container, key) ? container[key] : undefined;
  const index = integer(key);
  return index === undefined ? undefined : container[index < 0 ? index + container.length : index];
}

const integer = (key: string) => (/^[-+]?[0-9]{1,9}$/.test(key) ? Number(key) : undefined);

function indexOf(key: string, length: number, op: string, path: string): number {
  const index = integer(key);
  const found = index !== undefined && index < 0 ? index + length : index;
  if (found === undefined || found < 0 || found >= length)
    throw new UnfitPatch(`${op} operation does not apply: doc is missing key: ${path}: missing value`);
  return found;
}

function insert(container: Container, key: string, value: unknown): void {
  if (!Array.isArray(container)) {
    container[key] = value;
    return;
  }
  if (key === '-') {
    container.push(value);
    return;
  }
  const index = integer(key);
  if (index === undefined) throw new UnfitPatch(`strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`);
  const at = index < 0 ? index + container.length + 1 : index;
  if (at < 0 || at > container.length)
    throw new UnfitPatch(`Unable to access invalid index: ${index}: invalid index referenced`);
  container.splice(at, 0, value);
}

function removeFrom(container: Container, key: string): void {
  if (!Array.isArray(container)) {
    if (!Object.hasOwn(container, key)) throw new UnfitPatch(`Unable to remove nonexistent key: ${key}: missing value`);
    delete container[key];
    return;
  }
  const index = integer(key);
  if (index === undefined) throw new UnfitPatch(`strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`);
  const at = index < 0 ? index + container.length : index;
  if (at < 0 || at >= container.length)
    throw new UnfitPatch(`Unable to access invalid index: ${index}: invalid index referenced`);
  container.splice(at, 1);
}

/** Deep equality of JSON values. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isContainer(a) || !isContainer(b)) return isBigInteger(a) && isBigInteger(b) && a.rawJSON === b.rawJSON;
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((v, i) => equal(v, b[i]));
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((k) => Object.hasOwn(b, k) && equal(a[k], b[k]));
}

/** Applies a patch to a private document, which is changed. Throws `UnfitPatch`. */
export function applyJsonPatch(document: unknown, operations: readonly Operation[]): unknown {
  const application = new Application(document);
  for (const operation of operations) {
    refuseProtoPath(operation);
    application.run(operation);
  }
  return application.document;
}

const namesProto = (pointer: unknown) => typeof pointer === 'string' && pointer.includes('__proto__');

/** A pointer must not create a `__proto__` key. Values have been checked with the whole patch. */
function refuseProtoPath({ path, from }: Operation): void {
  if (namesProto(path) || namesProto(from)) throw new BadPatch('the key "__proto__" is not supported');
}
