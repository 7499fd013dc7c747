import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/base/clock.ts
function timestamp(ms) {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
__name(timestamp, "timestamp");
function microTimestamp(ms) {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`;
}
__name(microTimestamp, "microTimestamp");
function sleepOn(clock, ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = /* @__PURE__ */ __name(() => {
      timer.cancel();
      reject(signal?.reason);
    }, "onAbort");
    const timer = clock.after(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
__name(sleepOn, "sleepOn");
var maxTimeout = 2147483647;
var SystemClock = class {
  static {
    __name(this, "SystemClock");
  }
  wall() {
    return Date.now();
  }
  steady() {
    return performance.now();
  }
  after(ms, fn) {
    let handle;
    const due = performance.now() + ms;
    const arm = /* @__PURE__ */ __name(() => {
      const left = due - performance.now();
      handle = setTimeout(left > maxTimeout ? arm : fn, Math.max(0, Math.min(left, maxTimeout)));
      handle.unref();
    }, "arm");
    arm();
    return { cancel: /* @__PURE__ */ __name(() => clearTimeout(handle), "cancel") };
  }
  sleep(ms, signal) {
    return sleepOn(this, ms, signal);
  }
};

// src/base/ids.ts
import { randomBytes, randomUUID } from "node:crypto";
var nameAlphabet = "bcdfghjklmnpqrstvwxz2456789";
var poolSize = 4096;
var SystemIds = class {
  static {
    __name(this, "SystemIds");
  }
  #pool = Buffer.alloc(0);
  #at = 0;
  #bytes(count) {
    if (this.#at + count > this.#pool.length) {
      this.#pool = randomBytes(Math.max(poolSize, count));
      this.#at = 0;
    }
    return this.#pool.subarray(this.#at, this.#at += count);
  }
  uid() {
    return randomUUID();
  }
  suffix(length) {
    let text = "";
    for (const byte of this.#bytes(length)) text += nameAlphabet[byte % nameAlphabet.length];
    return text;
  }
  random() {
    return this.#bytes(4).readUInt32LE() / 2 ** 32;
  }
};

export {
  timestamp,
  microTimestamp,
  SystemClock,
  nameAlphabet,
  SystemIds
};
