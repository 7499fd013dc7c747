import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  destroyCluster
} from "./chunk-W6G2MROR.mjs";
import "./chunk-5RWPORIU.mjs";
import "./chunk-IVUMFKUV.mjs";
export {
  destroyCluster
};
