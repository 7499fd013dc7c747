import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/engine/errors.ts
var EngineError = class extends Error {
  static {
    __name(this, "EngineError");
  }
  status;
  constructor(status, message, cause) {
    super(message, { cause });
    this.name = "EngineError";
    this.status = status;
  }
};
var EngineUnavailable = class extends Error {
  static {
    __name(this, "EngineUnavailable");
  }
  constructor(message, cause) {
    super(message, { cause });
    this.name = "EngineUnavailable";
  }
};
var statusOf = /* @__PURE__ */ __name((error) => error instanceof EngineError ? error.status : 0, "statusOf");
var isNotFound = /* @__PURE__ */ __name((error) => statusOf(error) === 404, "isNotFound");
var isConflict = /* @__PURE__ */ __name((error) => statusOf(error) === 409, "isConflict");
var isNotModified = /* @__PURE__ */ __name((error) => statusOf(error) === 304, "isNotModified");
var isBeingRemoved = /* @__PURE__ */ __name((error) => statusOf(error) === 409 && /is already in progress/.test(error.message), "isBeingRemoved");
var connection = {
  ENOENT: "there is no such socket",
  ECONNREFUSED: "nothing listens there",
  EACCES: 'this user may not use it (on Linux: add the user to the group "docker")',
  ENOTFOUND: "the host name does not resolve",
  EHOSTUNREACH: "the host cannot be reached",
  ETIMEDOUT: "it does not answer"
};
function connectionProblem(error) {
  const code = error?.code;
  return typeof code === "string" ? connection[code] : void 0;
}
__name(connectionProblem, "connectionProblem");

export {
  EngineError,
  EngineUnavailable,
  isNotFound,
  isConflict,
  isNotModified,
  isBeingRemoved,
  connectionProblem
};
