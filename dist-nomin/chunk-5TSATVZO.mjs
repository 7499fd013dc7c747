import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/api/status.ts
var reasonCodes = {
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
  Timeout: 504
};
var StatusError = class _StatusError extends Error {
  static {
    __name(this, "StatusError");
  }
  status;
  constructor(reason, message, details, extra) {
    super(message);
    this.name = "StatusError";
    this.status = {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message,
      reason,
      ...details && { details },
      code: reasonCodes[reason],
      ...extra
    };
  }
  /** Rebuilds the error from a Status received over the wire. */
  static from(status) {
    const error = new _StatusError("InternalError", status.message ?? `the server answered ${status.code}`);
    error.status = status;
    return error;
  }
  get reason() {
    return this.status.reason ?? "";
  }
  get code() {
    return this.status.code;
  }
};
var qualified = /* @__PURE__ */ __name((r) => r.group ? `${r.resource}.${r.group}` : r.resource, "qualified");
var detailsOf = /* @__PURE__ */ __name((r, name) => ({
  ...name && { name },
  ...r.group && { group: r.group },
  kind: r.resource
}), "detailsOf");
var notFound = /* @__PURE__ */ __name((r, name) => new StatusError("NotFound", `${qualified(r)} "${name}" not found`, detailsOf(r, name)), "notFound");
var alreadyExists = /* @__PURE__ */ __name((r, name) => new StatusError("AlreadyExists", `${qualified(r)} "${name}" already exists`, detailsOf(r, name)), "alreadyExists");
var conflict = /* @__PURE__ */ __name((r, name, why) => new StatusError("Conflict", `Operation cannot be fulfilled on ${qualified(r)} "${name}": ${why}`, detailsOf(r, name)), "conflict");
var staleWrite = /* @__PURE__ */ __name((r, name) => conflict(r, name, "the object has been modified; please apply your changes to the latest version and try again"), "staleWrite");
var forbidden = /* @__PURE__ */ __name((r, name, why) => new StatusError(
  "Forbidden",
  name ? `${qualified(r)} "${name}" is forbidden: ${why}` : `${qualified(r)} is forbidden: ${why}`,
  detailsOf(r, name)
), "forbidden");
function invalid(kind, name, errors) {
  const title = kind.group ? `${kind.kind}.${kind.group}` : kind.kind;
  const texts = errors.map((e) => e.text);
  const joined = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  return new StatusError("Invalid", `${title} "${name}" is invalid: ${joined}`, {
    name,
    ...kind.group && { group: kind.group },
    kind: kind.kind,
    causes: errors.map((e) => ({ reason: e.type, message: e.body, field: e.field }))
  });
}
__name(invalid, "invalid");
var badRequest = /* @__PURE__ */ __name((why) => new StatusError("BadRequest", why), "badRequest");
var unauthorized = /* @__PURE__ */ __name(() => new StatusError("Unauthorized", "Unauthorized"), "unauthorized");
var methodNotAllowed = /* @__PURE__ */ __name((r, verb) => new StatusError("MethodNotAllowed", `${verb} is not supported on resources of kind "${qualified(r)}"`, {
  ...r.group && { group: r.group },
  kind: r.resource
}), "methodNotAllowed");
var notAcceptable = /* @__PURE__ */ __name((accepted) => new StatusError("NotAcceptable", `only the following media types are accepted: ${accepted.join(", ")}`), "notAcceptable");
var unsupportedMediaType = /* @__PURE__ */ __name((accepted) => new StatusError(
  "UnsupportedMediaType",
  `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`
), "unsupportedMediaType");
var tooLarge = /* @__PURE__ */ __name((limit) => new StatusError("RequestEntityTooLarge", `limit is ${limit}`), "tooLarge");
var expired = /* @__PURE__ */ __name((why, extra) => new StatusError("Expired", why, void 0, extra), "expired");
var tooManyRequests = /* @__PURE__ */ __name((why, retryAfterSeconds) => new StatusError("TooManyRequests", why, { retryAfterSeconds }), "tooManyRequests");
var internalError = /* @__PURE__ */ __name((why) => new StatusError("InternalError", `Internal error occurred: ${why}`, { causes: [{ message: why }] }), "internalError");
var serviceUnavailable = /* @__PURE__ */ __name((why) => new StatusError("ServiceUnavailable", why), "serviceUnavailable");
var timeoutError = /* @__PURE__ */ __name((why, retryAfterSeconds = 1) => new StatusError("Timeout", `Timeout: ${why}`, { retryAfterSeconds }), "timeoutError");
var unknownPath = /* @__PURE__ */ __name(() => new StatusError("NotFound", "the server could not find the requested resource", {}), "unknownPath");
function isStatus(error, reason) {
  return error instanceof StatusError && error.reason === reason;
}
__name(isStatus, "isStatus");

export {
  StatusError,
  notFound,
  alreadyExists,
  conflict,
  staleWrite,
  forbidden,
  invalid,
  badRequest,
  unauthorized,
  methodNotAllowed,
  notAcceptable,
  unsupportedMediaType,
  tooLarge,
  expired,
  tooManyRequests,
  internalError,
  serviceUnavailable,
  timeoutError,
  unknownPath,
  isStatus
};
