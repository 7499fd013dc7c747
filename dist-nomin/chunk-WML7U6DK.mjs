import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/runtimes/docker/host-reach.ts
import { createServer } from "node:net";
var hostName = "host.docker.internal";
async function planReach(network, isOwn = canListenOn) {
  return await isOwn(network.gateway) ? { strategy: "gateway", listenOn: network.gateway, address: network.gateway } : { strategy: "host-internal", listenOn: "127.0.0.1", address: void 0 };
}
__name(planReach, "planReach");
function canListenOn(address) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(0, address, () => server.close(() => resolve(true)));
  });
}
__name(canListenOn, "canListenOn");
var lookupHost = `awk '$2 == "${hostName}" { print $1; exit }' /etc/hosts`;
var question = "\\000\\001\\001\\000\\000\\001\\000\\000\\000\\000\\000\\000\\000\\000\\002\\000\\001";
function probeReach(address, { apiPort, dnsPort }) {
  const socat = "/sbin/socat -T 0.3 -t 0.3";
  return [
    `${socat} /dev/null TCP4:${address}:${apiPort},connect-timeout=0.3 || echo "TCP ${apiPort}"`,
    `[ "$(printf '${question}' | ${socat} STDIO UDP4:${address}:${dnsPort} | head -c 2 | wc -c)" = 2 ] || echo "UDP ${dnsPort}"`
  ].join("\n");
}
__name(probeReach, "probeReach");
function reachOf(plan, address, ports) {
  return { strategy: plan.strategy, address, ...ports };
}
__name(reachOf, "reachOf");
var HostUnreachable = class extends Error {
  static {
    __name(this, "HostUnreachable");
  }
  constructor(address, blocked) {
    super(
      `pods cannot reach krill at ${address} (${blocked}): a firewall on this machine drops traffic from Docker networks. Allow it (for ufw: "ufw allow in on br-+ from any"; for firewalld: put the Docker bridges into the "trusted" zone). The relay for machines that cannot allow it is not part of this version.`
    );
    this.name = "HostUnreachable";
  }
};

export {
  hostName,
  planReach,
  lookupHost,
  probeReach,
  reachOf,
  HostUnreachable
};
