/**
 * Validation findings with field paths. Source of the texts: apimachinery `util/validation/field`.
 * Validators append to an ErrorList and never throw; only the registry turns a list into an Invalid Status.
 */

export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

export interface FieldError {
  readonly type: FieldErrorType;
  readonly field: string;
  /** The text without the field: `Invalid value: -1: must be ...`. */
  readonly body: string;
  /** The whole text: `spec.replicas: Invalid value: -1: must be ...`. */
  readonly text: string;
}

/** A path to a field, printed as kubectl users know it: `spec.containers[0].ports[name=http]`. Immutable and cheap. */
export class FieldPath {
  readonly #parent: FieldPath | undefined;
  readonly #part: string;

  private constructor(parent: FieldPath | undefined, part: string) {
    this.#parent = parent;
    this.#part = part;
  }

  static of(...names: string[]): FieldPath {
    let path = new FieldPath(undefined, names[0] ?? '');
    for (const name of names.slice(1)) path = path.child(name);
    return path;
  }

  child(...names: string[]): FieldPath {
    let path: FieldPath = this;
    for (const name of names) path = new FieldPath(path, path.#isRoot() ? name : `.${name}`);
    return path;
  }

  index(i: number): FieldPath {
    return new FieldPath(this, `[${i}]`);
  }

  key(k: string): FieldPath {
    return new FieldPath(this, `[${k}]`);
  }

  #isRoot(): boolean {
    return this.#parent === undefined && this.#part === '';
  }

  toString(): string {
    return (this.#parent?.toString() ?? '') + this.#part;
  }
}

/** The path of an object as a whole, as Go prints a path without names. */
export const wholeObject = FieldPath.of('[]');

/** How Go prints a value in an Invalid error: strings quoted, objects as JSON, null for nothing. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** More than anybody reads: a hostile object could have one for every few bytes. */
const maxErrors = 1000;

/** Findings in field order. */
export class ErrorList {
  readonly errors: FieldError[] = [];
  /** Texts of findings that refuse nothing, because what they are about has not changed. */
  readonly warnings: string[] = [];

  get empty(): boolean {
    return this.errors.length === 0;
  }

  #add(type: FieldErrorType, path: FieldPath, body: string): void {
    if (this.errors.length >= maxErrors) return;
    const field = path.toString();
    this.errors.push({ type, field, body, text: field ? `${field}: ${body}` : body });
  }

  required(path: FieldPath, detail = ''): void {
    this.#add('FieldValueRequired', path, detail ? `Required value: ${detail}` : 'Required value');
  }

  invalid(path: FieldPath, value: unknown, detail: string): void {
    this.#add('FieldValueInvalid', path, `Invalid value: ${shown(value)}: ${detail}`);
  }

  /** For a combination of fields, where no single value is the wrong one. */
  invalidTogether(path: FieldPath, detail: string): void {
    this.#add('FieldValueInvalid', path, `Invalid value: ${detail}`);
  }

  typeInvalid(path: FieldPath, value: unknown, detail: string): void {
    this.#add('FieldValueTypeInvalid', path, `Invalid value: ${shown(value)}: ${detail}`);
  }

  /** `order: 'given'` where upstream lists the values in an order of its own. */
  notSupported(
    path: FieldPath,
    value: unknown,
    supported: readonly string[],
    order: 'sorted' | 'given' = 'sorted',
  ): void {
    const list = (order === 'sorted' ? [...supported].sort() : supported).map((s) => JSON.stringify(s));
    const detail = list.length ? `: supported values: ${list.join(', ')}` : '';
    this.#add('FieldValueNotSupported', path, `Unsupported value: ${shown(value)}${detail}`);
  }

  /** A duplicate whose value is too large to show. */
  duplicateUnshown(path: FieldPath): void {
    this.#add('FieldValueDuplicate', path, 'Duplicate value');
  }

  duplicate(path: FieldPath, value: unknown, detail = ''): void {
    this.#add('FieldValueDuplicate', path, `Duplicate value: ${shown(value)}${detail && `: ${detail}`}`);
  }

  notFound(path: FieldPath, value: unknown, detail = ''): void {
    this.#add('FieldValueNotFound', path, `Not found: ${shown(value)}${detail && `: ${detail}`}`);
  }

  forbidden(path: FieldPath, detail: string): void {
    this.#add('FieldValueForbidden', path, detail ? `Forbidden: ${detail}` : 'Forbidden');
  }

  internal(path: FieldPath, detail: string): void {
    this.#add('InternalError', path, `Internal error: ${detail}`);
  }

  tooLong(path: FieldPath, maxLength: number): void {
    this.#add(
      'FieldValueTooLong',
      path,
      `Too long: may not be more than ${maxLength} byte${maxLength === 1 ? '' : 's'}`,
    );
  }

  tooMany(path: FieldPath, actual: number, max: number): void {
    this.#add('FieldValueTooMany', path, `Too many: ${actual}: must have at most ${max} item${max === 1 ? '' : 's'}`);
  }
}
