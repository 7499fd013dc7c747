import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  RevisionStore,
  plainCodec
} from "./chunk-MLKEFS2D.mjs";
import "./chunk-B4LL4QF7.mjs";
import {
  SystemClock,
  SystemIds
} from "./chunk-SLDGO2KB.mjs";
import {
  silentLogger
} from "./chunk-Y2ZLEF36.mjs";
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/store/memory-log.ts
var MemoryLog = class {
  static {
    __name(this, "MemoryLog");
  }
  readable = false;
  retained = 0;
  async append() {
  }
  async recover() {
  }
  checkpoint() {
    return void 0;
  }
  scan() {
  }
  read() {
    return void 0;
  }
  async saveCheckpoint() {
  }
  async compact(revision) {
    this.retained = Math.max(this.retained, revision);
  }
  async check() {
    return void 0;
  }
  async close() {
  }
};

// src/store/memory-store.ts
function createMemoryStore(options = {}) {
  return new RevisionStore({
    ...options,
    log: new MemoryLog(),
    codec: plainCodec,
    clock: options.clock ?? new SystemClock(),
    ids: options.ids ?? new SystemIds(),
    logger: options.logger ?? silentLogger
  });
}
__name(createMemoryStore, "createMemoryStore");
export {
  createMemoryStore
};
