import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  HostUnreachable,
  hostName,
  lookupHost,
  planReach,
  probeReach,
  reachOf
} from "./chunk-WML7U6DK.mjs";
import "./chunk-IVUMFKUV.mjs";
export {
  HostUnreachable,
  hostName,
  lookupHost,
  planReach,
  probeReach,
  reachOf
};
