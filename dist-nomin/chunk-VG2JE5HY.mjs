import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/pki/keys.ts
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { chmod, open, readFile, rename, stat } from "node:fs/promises";
function generateKey() {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}
__name(generateKey, "generateKey");
var privateKeyPem = /* @__PURE__ */ __name((key) => key.export({ type: "pkcs8", format: "pem" }), "privateKeyPem");
var importPrivateKey = /* @__PURE__ */ __name((pem) => createPrivateKey(pem), "importPrivateKey");
var publicKeyOf = /* @__PURE__ */ __name((key) => key.type === "private" ? createPublicKey(key) : key, "publicKeyOf");
var publicKeyDer = /* @__PURE__ */ __name((key) => publicKeyOf(key).export({ type: "spki", format: "der" }), "publicKeyDer");
var keyId = /* @__PURE__ */ __name((key) => createHash("sha256").update(publicKeyDer(key)).digest("base64url"), "keyId");
async function writeSecretFile(path, text) {
  const draft = `${path}.new`;
  const handle = await open(draft, "w", 384);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await chmod(draft, 384);
  await rename(draft, path);
}
__name(writeSecretFile, "writeSecretFile");
async function readSecretFile(path) {
  let text;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return void 0;
    throw error;
  }
  const { mode } = await stat(path);
  if (process.platform !== "win32" && (mode & 63) !== 0) {
    throw new Error(`${path} holds a private key and must be readable by its owner only: chmod 600 ${path}`);
  }
  return text;
}
__name(readSecretFile, "readSecretFile");

export {
  generateKey,
  privateKeyPem,
  importPrivateKey,
  publicKeyOf,
  publicKeyDer,
  keyId,
  writeSecretFile,
  readSecretFile
};
