import { type ErrorList, FieldPath } from '../field-errors.ts';

/**
 * What is wrong with a value against its schema, in kube-openapi's words. Findings stay apart from the error list until it
 * is known that they count: the branches of an `anyOf` fail without harm when another holds.
 */
export interface Finding {
  /** Two findings with one message are one. */
  readonly message: string;
  readonly report: (errors: ErrorList, root: FieldPath) => void;
}

/** A field as messages and paths name it, from the checked value on: `replicas`, `ports[0].name`. */
export type FieldName = string;

/** A finding that wants to know how its field is called. Names cost, and only what is reported needs them. */
export type Complaint = (name: FieldName) => Finding;

/** Where there is no path, Go prints a nil one. */
const nowhere = FieldPath.of('<nil>');

const orNowhere = (path: FieldPath): FieldPath => (path.toString() === '' ? nowhere : path);

const placeOf = (root: FieldPath, name: FieldName): FieldPath => (name === '' ? orNowhere(root) : root.child(name));

/** The value of a field is wrong. */
export const invalid = (name: FieldName, value: unknown, text: string): Finding => {
  const message = `${name} in body ${text}`;
  return { message, report: (errors, root) => errors.invalid(placeOf(root, name), value, message) };
};

/** The type of a field is wrong; `shown` stands for its value. */
export const wrongType = (name: FieldName, type: string, shown: string): Finding => {
  const message = `${name} in body must be of type ${type}: ${JSON.stringify(shown)}`;
  return { message, report: (errors, root) => errors.typeInvalid(placeOf(root, name), shown, message) };
};

export const missing = (name: FieldName): Finding => ({
  message: `${name} in body is required`,
  report: (errors, root) => errors.required(placeOf(root, name)),
});

export const forbiddenField = (name: FieldName, key: string): Finding => {
  const message = `${name}.${key} in body is a forbidden property`;
  return { message, report: (errors, root) => errors.invalid(placeOf(root, name), key, message) };
};

const shownValue = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

export const unsupported = (name: FieldName, value: unknown, allowed: readonly unknown[]): Finding => ({
  message: `${name} in body should be one of ${JSON.stringify(allowed)}`,
  report: (errors, root) => errors.notSupported(placeOf(root, name), value, allowed.map(shownValue), 'given'),
});

export const tooLong = (name: FieldName, max: number): Finding => ({
  message: `${name} in body should be at most ${max} chars long`,
  report: (errors, root) => errors.tooLong(placeOf(root, name), max),
});

export const tooMany = (name: FieldName, actual: number, max: number, what: 'items' | 'properties'): Finding => ({
  message: `${name} in body should have at most ${max} ${what}`,
  report: (errors, root) => errors.tooMany(placeOf(root, name), actual, max),
});

/** Something about a value as a whole: the path is the checked value's, the field is named in the message. */
export const overall = (message: string): Finding => ({
  message,
  report: (errors, root) => errors.invalid(orNowhere(root), '', message),
});
