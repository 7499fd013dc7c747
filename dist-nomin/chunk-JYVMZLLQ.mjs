import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/apiserver/pages/version.ts
var kubernetesVersion = "1.36.4";
function versionInfo(commit) {
  const [major, minor] = kubernetesVersion.split(".");
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion: `v${kubernetesVersion}+krill`,
    gitCommit: commit,
    gitTreeState: "clean",
    buildDate: "1970-01-01T00:00:00Z",
    goVersion: `node ${process.version}`,
    compiler: "v8",
    platform: `${process.platform}/${architectures[process.arch] ?? process.arch}`
  };
}
__name(versionInfo, "versionInfo");
var architectures = { x64: "amd64", arm64: "arm64" };

export {
  kubernetesVersion,
  versionInfo
};
