import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  kubernetesVersion,
  versionInfo
} from "./chunk-JYVMZLLQ.mjs";
import "./chunk-IVUMFKUV.mjs";
export {
  kubernetesVersion,
  versionInfo
};
