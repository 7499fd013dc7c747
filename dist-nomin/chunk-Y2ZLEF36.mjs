import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/base/log.ts
var order = { debug: 0, info: 1, warn: 2, error: 3 };
var secretKey = /^(authorization|token|password|secret|data|stringData|privateKey)$/i;
function createLogger(clock, sink, level = "info", context = {}) {
  const write = /* @__PURE__ */ __name((at) => (message, fields) => {
    if (order[at] < order[level]) return;
    sink({ time: new Date(clock.wall()).toISOString(), level: at, message, fields: { ...context, ...fields } });
  }, "write");
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: /* @__PURE__ */ __name((fields) => createLogger(clock, sink, level, { ...context, ...fields }), "child")
  };
}
__name(createLogger, "createLogger");
function formatRecord(record) {
  return JSON.stringify(
    { time: record.time, level: record.level, msg: record.message, ...record.fields },
    (key, value) => {
      if (secretKey.test(key) && value !== void 0) return "[redacted]";
      if (value instanceof Error) return value.stack ?? value.message;
      if (typeof value === "bigint") return value.toString();
      return value;
    }
  );
}
__name(formatRecord, "formatRecord");
var silentLogger = {
  debug() {
  },
  info() {
  },
  warn() {
  },
  error() {
  },
  child: /* @__PURE__ */ __name(() => silentLogger, "child")
};

export {
  createLogger,
  formatRecord,
  silentLogger
};
