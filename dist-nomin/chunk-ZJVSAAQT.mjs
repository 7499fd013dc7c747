import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/runtimes/docker/node-image.ts
import { readFile } from "node:fs/promises";
import { join } from "node:path";
var repository = "krill/node";
async function ensureNodeImage(engine, assets, signal) {
  let manifest;
  try {
    manifest = JSON.parse(await readFile(join(assets, "node-image.json"), "utf8"));
  } catch (error) {
    throw new Error(
      `this krill was built without a node image (${join(assets, "node-image.tar.gz")} is missing), so it cannot run Docker nodes. Build it where Debian packages can be fetched (apt-get, or an engine with a debian image), or use "--runtime simulated".`,
      { cause: error }
    );
  }
  const tag = manifest.hash.slice(0, 16);
  const name = `${repository}:${tag}`;
  if (await engine.inspectImage(name, signal)) return name;
  const archive = await readFile(join(assets, "node-image.tar.gz"));
  const changes = ["ENV PATH=/sbin:/bin", "LABEL krill.image=node"];
  await engine.importImage(archive, { repo: repository, tag }, changes, signal);
  return name;
}
__name(ensureNodeImage, "ensureNodeImage");
export {
  ensureNodeImage
};
