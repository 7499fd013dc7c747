#!/usr/bin/env node
import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  SystemClock,
  SystemIds
} from "./chunk-SLDGO2KB.mjs";
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/cli/compile-cache.ts
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
function keepCompiledCode(env) {
  enableCompileCache(join(env["XDG_CACHE_HOME"] || join(env["HOME"] || homedir(), ".cache"), "krill", "code"));
}
__name(keepCompiledCode, "keepCompiledCode");

// src/main.ts
keepCompiledCode(process.env);
var { run } = await import("./chunk-64P7BLRF.mjs");
process.exitCode = await run(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  env: process.env,
  clock: new SystemClock(),
  ids: new SystemIds(),
  program: [process.execPath, ...process.execArgv, process.argv[1]],
  loadStart: /* @__PURE__ */ __name(() => import("./chunk-UCPTX5DA.mjs"), "loadStart"),
  loadRemove: /* @__PURE__ */ __name(() => import("./chunk-FKE6YWPF.mjs"), "loadRemove")
});
