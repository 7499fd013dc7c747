import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/node/runtime.ts
var StartError = class extends Error {
  static {
    __name(this, "StartError");
  }
  /** `CreateContainerConfigError`, `CreateContainerError`, `RunContainerError`, `CreatePodSandboxError`. */
  reason;
  constructor(reason, message, cause) {
    super(message, { cause });
    this.name = "StartError";
    this.reason = reason;
  }
};
var ImageError = class extends Error {
  static {
    __name(this, "ImageError");
  }
  reason;
  constructor(reason, message, cause) {
    super(message, { cause });
    this.name = "ImageError";
    this.reason = reason;
  }
};

export {
  StartError,
  ImageError
};
