import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/cluster/settings.ts
import { readFileSync } from "node:fs";
import { chmod, open, rename } from "node:fs/promises";
import { join } from "node:path";
var file = "cluster.json";
function readSettings(dataDir) {
  const path = join(dataDir, file);
  let text;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return void 0;
    throw new Error(`the cluster's settings ${path} cannot be read: ${error.message}`, { cause: error });
  }
  let settings;
  try {
    settings = JSON.parse(text);
  } catch (error) {
    throw new Error(`the cluster's settings ${path} are not JSON: ${error.message}`, { cause: error });
  }
  if (settings.format !== 1)
    throw new Error(`${path} was written by a newer krill (format ${settings.format}); use that one`);
  return settings;
}
__name(readSettings, "readSettings");
async function writeSettings(dataDir, settings) {
  const path = join(dataDir, file);
  const draft = `${path}.new`;
  const handle = await open(draft, "w", 384);
  try {
    await handle.writeFile(`${JSON.stringify(settings, null, 2)}
`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await chmod(draft, 384);
  await rename(draft, path);
}
__name(writeSettings, "writeSettings");

export {
  readSettings,
  writeSettings
};
