import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  diskRoot,
  hostRoot,
  label,
  memoryRoot
} from "./chunk-5RWPORIU.mjs";
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/runtimes/docker/destroy.ts
async function destroyCluster(engine, cluster, signal) {
  const filters = { label: [`${label.cluster}=${cluster}`] };
  const containers = await engine.listContainers(filters, signal);
  const remove = /* @__PURE__ */ __name((some) => Promise.all(some.map((c) => engine.removeContainer(c.Id, signal))), "remove");
  const nodes = containers.filter((c) => c.Labels[label.role] === "node");
  const sweeper = nodes.find((c) => c.State === "running");
  await Promise.all([
    remove(containers.filter((c) => c !== sweeper)),
    sweeper && sweepFrom(engine, cluster, sweeper, signal)
  ]);
  if (!sweeper && nodes[0]) await sweepAnew(engine, cluster, nodes[0].ImageID, signal);
  const volumes = await engine.listVolumes(filters, signal);
  await Promise.all([
    sweeper && engine.removeContainer(sweeper.Id, signal),
    ...volumes.map(({ Name }) => engine.removeVolume(Name, signal))
  ]);
  const networks = await engine.listNetworks(filters, signal);
  await Promise.all(networks.map(({ Id }) => engine.removeNetwork(Id, signal)));
}
__name(destroyCluster, "destroyCluster");
var sweepCommand = /* @__PURE__ */ __name((cluster) => ["/bin/sh", "-c", sweepScript(cluster)], "sweepCommand");
async function sweepFrom(engine, cluster, node, signal) {
  const process = await engine.exec(node.Id, { command: sweepCommand(cluster), stdin: false, tty: false }, signal);
  process.stdout.resume();
  process.stderr?.resume();
  await process.exit;
}
__name(sweepFrom, "sweepFrom");
async function sweepAnew(engine, cluster, image, signal) {
  const name = `krill_${cluster}_sweep`;
  await engine.removeContainer(name, signal);
  const id = await engine.createContainer(
    name,
    {
      Image: image,
      Cmd: sweepCommand(cluster),
      Labels: { [label.cluster]: cluster },
      HostConfig: {
        NetworkMode: "none",
        PidMode: "host",
        CapAdd: ["SYS_PTRACE"],
        SecurityOpt: ["seccomp=unconfined", "apparmor=unconfined", "label=disable"]
      }
    },
    signal
  );
  await engine.startContainer(id, signal);
  await engine.waitContainer(id, signal);
  await engine.removeContainer(id, signal);
}
__name(sweepAnew, "sweepAnew");
function sweepScript(cluster) {
  const folders = [diskRoot, memoryRoot].map((root) => `$H${root}/${cluster}`);
  const groups = `$H/sys/fs/cgroup/krill/${cluster} $H/sys/fs/cgroup/*/krill/${cluster}`;
  return [
    hostRoot,
    `rm -rf ${folders.join(" ")} 2>/dev/null`,
    `rmdir ${[diskRoot, memoryRoot].map((root) => `$H${root}`).join(" ")} 2>/dev/null`,
    // Groups go with the containers that are being removed meanwhile.
    "for try in $(seq 200); do",
    "  left=",
    `  for d in ${groups}; do [ ! -d "$d" ] || find "$d" -depth -type d -exec rmdir {} + || left=1; done 2>/dev/null`,
    '  [ -n "$left" ] || break',
    "  usleep 20000",
    "done",
    "true"
  ].join("\n");
}
__name(sweepScript, "sweepScript");

export {
  destroyCluster
};
