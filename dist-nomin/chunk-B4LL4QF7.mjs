import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/store/store.ts
var KeyExists = class extends Error {
  static {
    __name(this, "KeyExists");
  }
  constructor(key) {
    super(`${key.resource} ${key.namespace}/${key.name} exists`);
    this.name = "KeyExists";
  }
};
var KeyMissing = class extends Error {
  static {
    __name(this, "KeyMissing");
  }
  constructor(key) {
    super(`${key.resource} ${key.namespace}/${key.name} does not exist`);
    this.name = "KeyMissing";
  }
};
var RevisionMismatch = class extends Error {
  static {
    __name(this, "RevisionMismatch");
  }
  actual;
  constructor(key, expected, actual) {
    super(`${key.resource} ${key.namespace}/${key.name} is at ${actual}, not ${expected}`);
    this.name = "RevisionMismatch";
    this.actual = actual;
  }
};
var Compacted = class extends Error {
  static {
    __name(this, "Compacted");
  }
  floor;
  constructor(asked, floor) {
    super(`revision ${asked} has been compacted, the floor is ${floor}`);
    this.name = "Compacted";
    this.floor = floor;
  }
};
var FutureRevision = class extends Error {
  static {
    __name(this, "FutureRevision");
  }
  current;
  constructor(asked, current) {
    super(`revision ${asked} is larger than the current one, ${current}`);
    this.name = "FutureRevision";
    this.current = current;
  }
};
var WriteFailed = class extends Error {
  static {
    __name(this, "WriteFailed");
  }
  constructor(cause) {
    super(`the write could not be made durable: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = "WriteFailed";
  }
};

// src/base/backoff.ts
function backoffDelay(policy, failures, ids) {
  const base = Math.min(policy.max, policy.initial * policy.factor ** Math.max(0, failures - 1));
  return base * (1 + policy.jitter * ids.random());
}
__name(backoffDelay, "backoffDelay");

export {
  KeyExists,
  KeyMissing,
  RevisionMismatch,
  Compacted,
  FutureRevision,
  WriteFailed,
  backoffDelay
};
