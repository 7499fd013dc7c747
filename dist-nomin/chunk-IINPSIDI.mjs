import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  destroyCluster
} from "./chunk-W6G2MROR.mjs";
import {
  chooseSubnets,
  label,
  networkName,
  parseRoutes,
  rangeOf,
  toAddress
} from "./chunk-5RWPORIU.mjs";
import {
  EngineError
} from "./chunk-UHTRRP4F.mjs";
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/runtimes/docker/network.ts
import { readFile } from "node:fs/promises";
var gatewayOf = /* @__PURE__ */ __name((cidr) => toAddress(rangeOf(cidr).first + 1), "gatewayOf");
async function takenRanges(engine, signal) {
  const networks = await engine.listNetworks({}, signal);
  const subnets = networks.flatMap((n) => (n.IPAM.Config ?? []).map((c) => c.Subnet ?? ""));
  const routes = await readFile("/proc/net/route", "utf8").catch(() => "");
  return [...subnets, ...parseRoutes(routes)].filter((cidr) => /^\d+\.\d+\.\d+\.\d+\/\d+$/.test(cidr));
}
__name(takenRanges, "takenRanges");
async function ensureClusterNetwork(engine, cluster, stored, signal) {
  const name = networkName(cluster.name);
  let existing = await engine.inspectNetwork(name, signal);
  if (existing && isLeftover(existing, cluster)) {
    await destroyCluster(engine, cluster.name, signal);
    existing = void 0;
  }
  if (existing) return adopt(existing, cluster, stored, engine, signal);
  const taken = await takenRanges(engine, signal);
  for (; ; ) {
    const subnets = stored ?? chooseSubnets(taken);
    const gateway = gatewayOf(subnets.nodes);
    const labels = { [label.cluster]: cluster.name, [label.clusterUid]: cluster.uid };
    try {
      const id = await engine.createNetwork(name, { subnet: subnets.nodes, gateway, labels }, signal);
      return { id, name, gateway, subnets };
    } catch (error) {
      if (!(error instanceof EngineError) || !/overlaps/i.test(error.message)) throw error;
      if (stored) {
        const problem = `the cluster's network ${stored.nodes} overlaps with another Docker network; remove that network, or delete the cluster`;
        throw new Error(problem, { cause: error });
      }
      taken.push(subnets.nodes);
    }
  }
}
__name(ensureClusterNetwork, "ensureClusterNetwork");
function isLeftover(existing, cluster) {
  const labels = existing.Labels ?? {};
  return labels[label.cluster] === cluster.name && labels[label.clusterUid] !== cluster.uid;
}
__name(isLeftover, "isLeftover");
async function adopt(existing, cluster, stored, engine, signal) {
  if (existing.Labels?.[label.cluster] !== cluster.name) {
    throw new Error(`a Docker network named ${existing.Name} exists and is not krill's; remove or rename it`);
  }
  const config = existing.IPAM.Config?.[0];
  const nodes = config?.Subnet ?? "";
  if (stored && stored.nodes !== nodes) {
    throw new Error(
      `the Docker network ${existing.Name} has the range ${nodes}, but the cluster was made with ${stored.nodes}`
    );
  }
  const others = stored ? [] : (await takenRanges(engine, signal)).filter((cidr) => cidr !== nodes);
  const subnets = stored ?? chooseSubnets(others, { nodes });
  return { id: existing.Id, name: existing.Name, gateway: config?.Gateway || gatewayOf(nodes), subnets };
}
__name(adopt, "adopt");
export {
  ensureClusterNetwork
};
