import type { FieldError } from './field-errors.ts';

/** metav1.StatusReason values the server uses, each with its HTTP code. Source: apimachinery meta/v1 and api/errors. */
export const reasonCodes = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServerTimeout: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
} as const;

export type StatusReason = keyof typeof reasonCodes;

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** metav1.Status, the answer to everything that is not an object. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: {
    readonly continue?: string;
    readonly resourceVersion?: string;
    readonly remainingItemCount?: number;
  };
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

/** An error that is already a Status: the one error type that crosses from the API machinery to a client. */
export class StatusError extends Error {
  readonly status: Status;

  constructor(reason: StatusReason, message: string, details?: StatusDetails, extra?: Partial<Status>) {
    super(message);
    this.name = 'StatusError';
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      ...(details && { details }),
      code: reasonCodes[reason],
      ...extra,
    };
  }

  /** Rebuilds the error from a Status received over the wire. */
  static from(status: Status): StatusError {
    const error = new StatusError('InternalError', status.message ?? `the server answered ${status.code}`);
    (error as { status: Status }).status = status;
    return error;
  }

  get reason(): string {
    return this.status.reason ?? '';
  }

  get code(): number {
    return this.status.code;
  }
}

/** A resource for error texts: "pods", or "deployments.apps" with its group. */
export interface ResourceName {
  readonly group: string;
  readonly resource: string;
}

const qualified = (r: ResourceName) => (r.group ? `${r.resource}.${r.group}` : r.resource);
const detailsOf = (r: ResourceName, name: string): StatusDetails => ({
  ...(name && { name }),
  ...(r.group && { group: r.group }),
  kind: r.resource,
});

export const notFound = (r: ResourceName, name: string) =>
  new StatusError('NotFound', `${qualified(r)} "${name}" not found`, detailsOf(r, name));

export const alreadyExists = (r: ResourceName, name: string) =>
  new StatusError('AlreadyExists', `${qualified(r)} "${name}" already exists`, detailsOf(r, name));

export const conflict = (r: ResourceName, name: string, why: string) =>
  new StatusError('Conflict', `Operation cannot be fulfilled on ${qualified(r)} "${name}": ${why}`, detailsOf(r, name));

/** The text of the everyday optimistic-lock conflict. */
export const staleWrite = (r: ResourceName, name: string) =>
  conflict(r, name, 'the object has been modified; please apply your changes to the latest version and try again');

export const forbidden = (r: ResourceName, name: string, why: string) =>
  new StatusError(
    'Forbidden',
    name ? `${qualified(r)} "${name}" is forbidden: ${why}` : `${qualified(r)} is forbidden: ${why}`,
    detailsOf(r, name),
  );

/** `kind` is the qualified kind, e.g. "Pod" or "Deployment.apps". */
export function invalid(
  kind: { group: string; kind: string },
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const title = kind.group ? `${kind.kind}.${kind.group}` : kind.kind;
  const texts = [...new Set(errors.map((e) => e.text))];
  const joined = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return new StatusError('Invalid', `${title} "${name}" is invalid: ${joined}`, {
    name,
    ...(kind.group && { group: kind.group }),
    kind: kind.kind,
    causes: errors.map((e) => ({ reason: e.type, message: e.body, field: e.field })),
  });
}

export const badRequest = (why: string) => new StatusError('BadRequest', why);
export const unauthorized = () => new StatusError('Unauthorized', 'Unauthorized');
export const methodNotAllowed = (r: ResourceName, verb: string) =>
  new StatusError('MethodNotAllowed', `${verb} is not supported on resources of kind "${qualified(r)}"`, {
    ...(r.group && { group: r.group }),
    kind: r.resource,
  });
export const notAcceptable = (accepted: readonly string[]) =>
  new StatusError('NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);
export const unsupportedMediaType = (accepted: readonly string[]) =>
  new StatusError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
export const tooLarge = (limit: number) => new StatusError('RequestEntityTooLarge', `limit is ${limit}`);
export const expired = (why: string, extra?: Partial<Status>) => new StatusError('Expired', why, undefined, extra);
export const tooManyRequests = (why: string, retryAfterSeconds: number) =>
  new StatusError('TooManyRequests', why, { retryAfterSeconds });
export const internalError = (why: string) =>
  new StatusError('InternalError', `Internal error occurred: ${why}`, { causes: [{ message: why }] });
export const serviceUnavailable = (why: string) => new StatusError('ServiceUnavailable', why);
export const timeoutError = (why: string, retryAfterSeconds = 1) =>
  new StatusError('Timeout', `Timeout: ${why}`, { retryAfterSeconds });
/** A path no resource answers. */
export const unknownPath = () => new StatusError('NotFound', 'the server could not find the requested resource', {});

/** Whether `error` is a Status with this reason. */
export function isStatus(error: unknown, reason: StatusReason): error is StatusError {
  return error instanceof StatusError && error.reason === reason;
}
