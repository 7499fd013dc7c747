import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  readSettings
} from "./chunk-37EYYX6M.mjs";
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/cluster/remove.ts
async function removeCluster({ name, dataDir, clock }) {
  const runtime = runtimeOf(dataDir);
  if (runtime !== "docker" && runtime !== "unknown") return;
  const [{ connectEngine }, { destroyCluster }] = await Promise.all([
    import("./chunk-FBBBQTOI.mjs"),
    import("./chunk-EU6A4DI5.mjs")
  ]);
  const { signal } = new AbortController();
  let engine;
  try {
    engine = await connectEngine(clock, signal);
  } catch (error) {
    if (runtime === "unknown") return;
    throw error;
  }
  try {
    await destroyCluster(engine, name, signal);
  } finally {
    engine.close();
  }
}
__name(removeCluster, "removeCluster");
function runtimeOf(dataDir) {
  try {
    return readSettings(dataDir)?.runtime;
  } catch {
    return "unknown";
  }
}
__name(runtimeOf, "runtimeOf");
export {
  removeCluster
};
