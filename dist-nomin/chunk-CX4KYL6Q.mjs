import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  ImageError,
  StartError
} from "./chunk-LFEBKURL.mjs";
import {
  HostUnreachable,
  hostName,
  lookupHost,
  probeReach,
  reachOf
} from "./chunk-WML7U6DK.mjs";
import {
  AddressPool,
  NodeShell,
  ScriptError,
  cgroupFolder,
  cgroupParent,
  cgroupPath,
  containerName,
  diskRoot,
  forgetUdp,
  hostRoot,
  label,
  labelsOf,
  memoryRoot,
  nodeContainerName,
  nodeFolder,
  nodeLabels,
  openDoor,
  podFolder,
  podLabels,
  podOf,
  programNode,
  quote,
  sandboxName,
  unwirePod,
  volumeName,
  wirePod
} from "./chunk-5RWPORIU.mjs";
import {
  FrameParser
} from "./chunk-CXE6GENU.mjs";
import {
  EngineError,
  isConflict,
  isNotFound
} from "./chunk-UHTRRP4F.mjs";
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/engine/events.ts
async function followEvents(engine, filters, sink, clock, signal) {
  let last = 0n;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const since = last > 0n ? seconds(last) : void 0;
      const stream = await engine.events(filters, since, signal);
      failures = 0;
      sink.connected();
      for await (const line of linesOf(stream)) {
        const time2 = BigInt(/"timeNano":(\d+)/.exec(line)?.[1] ?? 0);
        if (time2 <= last) continue;
        last = time2;
        sink.event(JSON.parse(line));
      }
      signal.throwIfAborted();
      throw new Error("the engine closed the event stream");
    } catch (error) {
      if (signal.aborted) return;
      failures++;
      sink.broken(error);
      await clock.sleep(Math.min(2e3, 50 * 2 ** failures), signal).catch(() => void 0);
    }
  }
}
__name(followEvents, "followEvents");
function seconds(nanoseconds) {
  const digits = String(nanoseconds);
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
}
__name(seconds, "seconds");
async function* linesOf(stream) {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split("\n");
    text = lines.pop();
    for (const line of lines) if (line.trim()) yield line;
  }
}
__name(linesOf, "linesOf");

// src/runtimes/docker/pod-containers.ts
import { join } from "node:path";

// src/runtimes/docker/pid-one.ts
var inOwnNetwork = /* @__PURE__ */ __name((command) => ["/bin/unshare", "-n", ...command], "inOwnNetwork");
var reaper = ["/bin/sh", "-c", 'trap "exit 0" TERM INT; while :; do sleep 2147483647 & wait; done'];
var sleeper = ["/bin/sleep", "2147483647"];

// src/runtimes/docker/node-container.ts
var logConfig = { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } };
function nodeContainer(cluster, network, image, spec, address) {
  const folders = [diskRoot, memoryRoot].map((root) => nodeFolder(root, cluster.name, spec.name));
  return {
    Image: image,
    Hostname: spec.name,
    Cmd: reaper,
    StopSignal: "SIGTERM",
    Labels: {
      ...nodeLabels(cluster, spec.name, "node"),
      [label.podCIDR]: spec.podCIDR,
      [label.address]: address
    },
    HostConfig: {
      NetworkMode: network.name,
      PidMode: "host",
      CgroupnsMode: "host",
      CapAdd: ["NET_ADMIN", "NET_RAW", "SYS_ADMIN", "SYS_PTRACE"],
      SecurityOpt: ["seccomp=unconfined", "apparmor=unconfined", "label=disable"],
      MaskedPaths: [],
      ReadonlyPaths: [],
      Sysctls: { "net.ipv4.ip_forward": "1" },
      // "Binds" rather than "Mounts": the engine makes the folders on its own disk.
      Binds: folders.map((folder) => `${folder}:${folder}`),
      ExtraHosts: [`${hostName}:host-gateway`],
      RestartPolicy: { Name: "no" },
      LogConfig: logConfig
    },
    NetworkingConfig: { EndpointsConfig: { [network.name]: { IPAMConfig: { IPv4Address: address } } } }
  };
}
__name(nodeContainer, "nodeContainer");
var kubeArchitecture = { x86_64: "amd64", aarch64: "arm64", armv7l: "arm" };
var maxPods = "110";
function describeMachine(spec, address, info, boot) {
  const resources = {
    cpu: String(info.NCPU),
    memory: `${Math.floor(info.MemTotal / 1024)}Ki`,
    "ephemeral-storage": `${Math.floor(boot.diskBytes / 1024)}Ki`,
    "hugepages-1Gi": "0",
    "hugepages-2Mi": "0",
    pods: maxPods
  };
  const id = boot.containerId.slice(0, 32);
  const bootId = `${id}@${boot.startedAt}`;
  return {
    name: spec.name,
    addresses: [
      { type: "InternalIP", address },
      { type: "Hostname", address: spec.name }
    ],
    capacity: resources,
    allocatable: resources,
    info: {
      machineID: id,
      systemUUID: [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join("-"),
      bootID: bootId,
      kernelVersion: info.KernelVersion,
      osImage: info.OperatingSystem,
      architecture: kubeArchitecture[info.Architecture] ?? info.Architecture,
      operatingSystem: info.OSType
    },
    bootId
  };
}
__name(describeMachine, "describeMachine");

// src/runtimes/docker/pod-containers.ts
function allowsOwnNetworks(info) {
  const remapped = (info.SecurityOptions ?? []).some((option) => /name=(userns|rootless)/.test(option));
  return info.OSType === "linux" && !remapped;
}
__name(allowsOwnNetworks, "allowsOwnNetworks");
function sandboxNetwork(context, spec, nodeId, command) {
  if (spec.hostNetwork) return { mode: `container:${nodeId}`, command, capabilities: [] };
  if (!context.ownNetworks) return { mode: "none", command, capabilities: [] };
  return { mode: "host", command: inOwnNetwork(command), capabilities: ["SYS_ADMIN"] };
}
__name(sandboxNetwork, "sandboxNetwork");
var isNetworkSysctl = /* @__PURE__ */ __name((name) => name.startsWith("net."), "isNetworkSysctl");
function sandboxConfig(context, spec, address, nodeId) {
  const { cluster } = context;
  const shareProcesses = spec.shareProcessNamespace && !spec.hostPID;
  const network = sandboxNetwork(context, spec, nodeId, shareProcesses ? reaper : sleeper);
  const sysctls = Object.entries(spec.sysctls);
  return {
    Image: context.nodeImage,
    // The engine takes no host name for a container in another's network namespace: it has the node's, as upstream.
    ...!spec.hostNetwork && { Hostname: spec.hostname },
    Cmd: network.command,
    StopSignal: "SIGKILL",
    Labels: {
      ...podLabels(cluster, spec.node, "sandbox", spec.pod),
      [label.attempt]: String(spec.attempt),
      [label.address]: address,
      [label.network]: spec.hostNetwork ? "node" : "pod",
      [label.processes]: spec.hostPID ? "node" : shareProcesses ? "pod" : "",
      [label.ipc]: spec.hostIPC ? "node" : "pod",
      [label.sysctls]: JSON.stringify(Object.fromEntries(sysctls.filter(([name]) => isNetworkSysctl(name)))),
      [label.hostPorts]: JSON.stringify(spec.hostNetwork ? [] : spec.hostPorts)
    },
    HostConfig: {
      NetworkMode: network.mode,
      IpcMode: spec.hostIPC ? "host" : "shareable",
      ...spec.hostPID && { PidMode: "host" },
      CgroupParent: context.cgroupParent(spec.node, spec.pod.uid),
      CapDrop: ["ALL"],
      CapAdd: network.capabilities,
      Sysctls: Object.fromEntries(sysctls.filter(([name]) => !isNetworkSysctl(name))),
      Mounts: spec.mounts.map((mount) => mountConfig(context, spec.pod.uid, mount)),
      RestartPolicy: { Name: "no" },
      LogConfig: logConfig
    }
  };
}
__name(sandboxConfig, "sandboxConfig");
function appConfig(context, spec, sandbox, terminationLog) {
  const shared = /* @__PURE__ */ __name((key) => sandbox.labels[key], "shared");
  const mounts = spec.mounts.map((mount) => mountConfig(context, spec.pod.uid, mount));
  if (terminationLog && spec.terminationMessagePath) {
    mounts.push({ Type: "bind", Source: terminationLog, Target: spec.terminationMessagePath });
  }
  const processes = shared(label.processes);
  const ownHost = {
    NetworkMode: `container:${shared(label.network) === "node" ? sandbox.nodeId : sandbox.id}`,
    IpcMode: shared(label.ipc) === "node" ? "host" : `container:${sandbox.id}`,
    ...processes === "node" && { PidMode: "host" },
    ...processes === "pod" && { PidMode: `container:${sandbox.id}` },
    CgroupParent: context.cgroupParent(spec.node, spec.pod.uid),
    Mounts: mounts,
    RestartPolicy: { Name: "no" },
    LogConfig: logConfig
  };
  return {
    Image: spec.image,
    ...spec.command && { Entrypoint: spec.command },
    ...argumentsOf(spec),
    Env: spec.env.map(({ name, value }) => `${name}=${value}`),
    ...spec.workingDir && { WorkingDir: spec.workingDir },
    ...userOf(spec.security),
    Tty: spec.tty,
    OpenStdin: spec.stdin,
    StdinOnce: spec.stdinOnce,
    ...spec.stopSignal && { StopSignal: spec.stopSignal },
    Labels: {
      ...podLabels(context.cluster, spec.node, "container", spec.pod),
      [label.container]: spec.name,
      [label.attempt]: String(spec.attempt),
      [label.own]: JSON.stringify(spec.labels)
    },
    HostConfig: { ...ownHost, ...limits(spec.resources), ...security(spec.security) }
  };
}
__name(appConfig, "appConfig");
function argumentsOf(spec) {
  if (spec.args) return { Cmd: spec.args };
  return spec.command ? { Cmd: [] } : {};
}
__name(argumentsOf, "argumentsOf");
function userOf({ runAsUser, runAsGroup }) {
  if (runAsUser === void 0) return {};
  return { User: runAsGroup === void 0 ? String(runAsUser) : `${runAsUser}:${runAsGroup}` };
}
__name(userOf, "userOf");
function limits(resources) {
  const { memoryBytes, cpuShares, cpuQuota, cpuPeriod, oomScoreAdj } = resources;
  return {
    ...memoryBytes !== void 0 && { Memory: memoryBytes, MemorySwap: memoryBytes },
    ...cpuShares !== void 0 && { CpuShares: cpuShares },
    ...cpuQuota !== void 0 && { CpuQuota: cpuQuota, CpuPeriod: cpuPeriod ?? 1e5 },
    // Engines without CAP_SYS_RESOURCE refuse to lower it.
    ...oomScoreAdj !== void 0 && oomScoreAdj > 0 && { OomScoreAdj: oomScoreAdj }
  };
}
__name(limits, "limits");
function security(of) {
  const options = [];
  if (!of.allowPrivilegeEscalation && !of.privileged) options.push("no-new-privileges");
  if (of.seccomp?.type === "Unconfined") options.push("seccomp=unconfined");
  if (of.apparmor?.type === "Unconfined") options.push("apparmor=unconfined");
  if (of.apparmor?.type === "Localhost") options.push(`apparmor=${of.apparmor.localhostProfile}`);
  return {
    Privileged: of.privileged,
    ReadonlyRootfs: of.readOnlyRootFilesystem,
    GroupAdd: of.supplementalGroups.map(String),
    CapAdd: of.addCapabilities,
    CapDrop: of.dropCapabilities,
    ...options.length > 0 && { SecurityOpt: options }
  };
}
__name(security, "security");
var propagation = { None: "rprivate", HostToContainer: "rslave", Bidirectional: "rshared" };
function mountConfig(context, podUid, mount) {
  const common = { Target: mount.containerPath, ReadOnly: mount.readOnly };
  if (mount.source.type === "path") {
    const how = { Propagation: propagation[mount.propagation ?? "None"] };
    return { ...common, Type: "bind", Source: mount.source.path, BindOptions: how };
  }
  const { volume, sizeBytes } = mount.source;
  const name = volumeName(context.cluster.name, podUid, volume);
  if (mount.subPath) {
    return { ...common, Type: "bind", Source: join(context.volumesFolder, name, "_data", mount.subPath) };
  }
  const o = ["mode=1777", ...sizeBytes ? [`size=${sizeBytes}`] : []].join(",");
  return {
    ...common,
    Type: "volume",
    Source: name,
    VolumeOptions: {
      NoCopy: true,
      Labels: { [label.cluster]: context.cluster.name, [label.podUid]: podUid },
      DriverConfig: { Name: "local", Options: { type: "tmpfs", device: "tmpfs", o } }
    }
  };
}
__name(mountConfig, "mountConfig");

// src/runtimes/docker/states.ts
function time(text) {
  const ms = Date.parse(text);
  return Number.isNaN(ms) || ms <= 0 ? 0 : ms;
}
__name(time, "time");
var couldNotStart = 128;
function statusOf({ State }) {
  if (State.Running) return State.Paused ? "paused" : "running";
  if (State.Status === "created") return State.Error ? "exited" : "created";
  return "exited";
}
__name(statusOf, "statusOf");
function containerState(inspected, terminationMessage) {
  const { State } = inspected;
  const labels = labelsOf(inspected);
  const status = statusOf(inspected);
  const neverRan = State.Status === "created";
  const createdAt = time(inspected.Created);
  return {
    id: inspected.Id,
    name: labels[label.container] ?? "",
    attempt: Number(labels[label.attempt] ?? 0),
    image: inspected.Config.Image,
    imageId: inspected.Image,
    labels: ownLabels(labels[label.own]),
    status,
    createdAt,
    startedAt: time(State.StartedAt),
    finishedAt: status === "exited" ? time(State.FinishedAt) || createdAt : 0,
    exitCode: neverRan && State.Error ? State.ExitCode || couldNotStart : State.ExitCode,
    oomKilled: State.OOMKilled,
    error: State.Error,
    terminationMessage: status === "exited" ? terminationMessage : ""
  };
}
__name(containerState, "containerState");
function ownLabels(text) {
  try {
    return text ? JSON.parse(text) : {};
  } catch {
    return {};
  }
}
__name(ownLabels, "ownLabels");
function sandboxState(inspected, containers) {
  const labels = labelsOf(inspected);
  return {
    id: inspected.Id,
    node: labels[label.node] ?? "",
    pod: podOf(labels),
    attempt: Number(labels[label.attempt] ?? 0),
    running: inspected.State.Running,
    address: inspected.State.Running ? labels[label.address] ?? "" : "",
    createdAt: time(inspected.Created),
    containers
  };
}
__name(sandboxState, "sandboxState");

// src/runtimes/docker/containers.ts
var messageLimit = 4096;
var Containers = class {
  static {
    __name(this, "Containers");
  }
  #engine;
  #nodes;
  #sandboxes;
  #context;
  #joins = false;
  constructor(engine, nodes, sandboxes, context) {
    this.#engine = engine;
    this.#nodes = nodes;
    this.#sandboxes = sandboxes;
    this.#context = context;
  }
  async start(spec, signal) {
    const [sandbox, log] = await Promise.all([
      this.#sandboxes.shape(spec.sandboxId, signal),
      this.#terminationLog(spec, signal)
    ]);
    const name = containerName(this.#context.cluster.name, spec.pod.uid, spec.name, spec.attempt);
    try {
      await this.#engine.createContainer(name, appConfig(this.#context, spec, sandbox, log), signal);
    } catch (error) {
      if (!isConflict(error)) throw refused("CreateContainerError", error);
    }
    const before = await this.#engine.inspectContainer(name, signal);
    if (before && before.State.Status !== "created") return this.#state(before, signal);
    try {
      await this.#engine.startContainer(name, signal);
    } catch (error) {
      throw refused(startReason(error), error);
    }
    const started = await this.#engine.inspectContainer(name, signal);
    if (!started) throw new StartError("RunContainerError", `container ${spec.name} was removed while it started`);
    if (!this.#joins) await this.#checkJoined(spec, started, signal);
    return this.#state(started, signal);
  }
  /** Once in this process: the engine has put the container into the namespace the sandbox is in now, not at its start. */
  async #checkJoined(spec, started, signal) {
    const sandbox = await this.#engine.inspectContainer(spec.sandboxId, signal);
    if (!sandbox?.State.Running || !started.State.Running) return;
    if (labelsOf(sandbox)[label.network] !== "pod") return;
    const [a, b] = [sandbox.State.Pid, started.State.Pid];
    const same = `[ ! -e /proc/${b} ] || [ "$(readlink /proc/${a}/ns/net)" = "$(readlink /proc/${b}/ns/net)" ]`;
    const joined = await this.#nodes.get(spec.node).net.run(same, signal).then(
      () => true,
      (error) => {
        if (error instanceof ScriptError) return false;
        throw error;
      }
    );
    this.#joins = joined;
    if (joined) return;
    this.#context.ownNetworks = false;
    await this.#engine.removeContainer(started.Id, signal);
    throw new StartError(
      "RunContainerError",
      "the engine did not join the container to its sandbox; trying another way"
    );
  }
  async stop(id, graceSeconds, signal) {
    const found = await this.#engine.inspectContainer(id, signal);
    if (!found) return goneState(id);
    if (found.State.Paused) await this.#engine.unpauseContainer(id, signal).catch(() => void 0);
    if (found.State.Running) {
      try {
        if (graceSeconds > 0) await this.#engine.stopContainer(id, Math.ceil(graceSeconds), signal);
        else await this.#kill(id, signal);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    return await this.inspect(id, signal) ?? goneState(id);
  }
  async #kill(id, signal) {
    await this.#engine.killContainer(id, "SIGKILL", signal);
    await this.#engine.waitContainer(id, signal);
  }
  async inspect(id, signal) {
    const found = await this.#engine.inspectContainer(id, signal);
    return found && this.#state(found, signal);
  }
  /** A container of this node by id, as the engine knows it. Throws kubelet's words when it is gone. */
  async find(id, signal) {
    const found = await this.#engine.inspectContainer(id, signal);
    if (!found) throw new Error(`container not found ("${id}")`);
    return found;
  }
  async #state(found, signal) {
    const ended = !found.State.Running && found.State.Status !== "created";
    return containerState(found, ended ? await this.#terminationMessage(found, signal) : "");
  }
  /** The empty file that is mounted as the container's termination log. */
  async #terminationLog(spec, signal) {
    if (!spec.terminationMessagePath) return void 0;
    const folder = `${podFolder(diskRoot, this.#context.cluster.name, spec.node, spec.pod.uid)}/containers/${spec.name}`;
    const path = `${folder}/${spec.attempt}`;
    const script = `mkdir -p ${quote(folder)} && { [ -e ${quote(path)} ] || : >${quote(path)}; } && chmod 666 ${quote(path)}`;
    await this.#nodes.get(spec.node).files.run(script, signal);
    return path;
  }
  async #terminationMessage(found, signal) {
    const labels = labelsOf(found);
    const node = this.#nodes.find(labels[label.node] ?? "");
    if (!node?.runs) return "";
    const folder = podFolder(diskRoot, this.#context.cluster.name, node.name, labels[label.podUid] ?? "");
    const path = `${folder}/containers/${labels[label.container]}/${labels[label.attempt]}`;
    const script = `[ -f ${quote(path)} ] && [ ! -L ${quote(path)} ] && tail -c ${messageLimit} ${quote(path)}; true`;
    return node.files.run(script, signal).catch(() => "");
  }
};
function startReason(error) {
  return error instanceof EngineError && error.status === 404 ? "CreateContainerError" : "RunContainerError";
}
__name(startReason, "startReason");
function refused(reason, error) {
  return error instanceof EngineError ? new StartError(reason, error.message, error) : error;
}
__name(refused, "refused");
function goneState(id) {
  return {
    id,
    name: "",
    attempt: 0,
    image: "",
    imageId: "",
    labels: {},
    status: "exited",
    createdAt: 0,
    startedAt: 0,
    finishedAt: 0,
    exitCode: 137,
    oomKilled: false,
    error: "",
    terminationMessage: ""
  };
}
__name(goneState, "goneState");

// src/runtimes/docker/dialer.ts
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { Duplex } from "node:stream";
var doors = { first: 61e3, last: 64999 };
var doorLife = 12e4;
var DockerDialer = class {
  static {
    __name(this, "DockerDialer");
  }
  #engine;
  #nodes;
  #gateway;
  #clock;
  #doors = /* @__PURE__ */ new Map();
  #nextDoor = doors.first;
  #direct;
  constructor(engine, nodes, gateway, clock) {
    this.#engine = engine;
    this.#nodes = nodes;
    this.#gateway = gateway;
    this.#clock = clock;
  }
  dial(target, signal) {
    const node = this.#nodes.get(target.node);
    switch (target.to) {
      case "pod":
        if (!this.#isDirect()) return this.#relayed(node, target.address, target.port, signal);
        if (target.address === node.address) return connectTo(node.address, target.port, signal);
        return this.#throughDoor(node, target.address, target.port, signal);
      case "node":
        if (this.#isDirect()) return connectTo(node.address, target.port, signal);
        return this.#relayed(node, "127.0.0.1", target.port, signal);
      case "pod-loopback":
        return this.#loopback(node, target.uid, target.port, signal);
    }
  }
  /** Whether this host owns the cluster network's gateway address, so that nodes can be reached from here. */
  #isDirect() {
    this.#direct ??= Object.values(networkInterfaces()).some((list) => list?.some((a) => a.address === this.#gateway));
    return this.#direct;
  }
  async #throughDoor(node, address, port, signal) {
    const key = `${node.running.startedAt} ${address} ${port}`;
    const now = this.#clock.steady();
    let door = this.#doors.get(key);
    if (!door || now - door.openedAt > doorLife / 2) {
      this.#forgetOldDoors(now);
      const number = this.#takeDoor();
      const script = openDoor(number, address, port, doorLife / 1e3);
      door = { port: number, openedAt: now, ready: node.net.run(script).then(() => void 0) };
      this.#doors.set(key, door);
    }
    try {
      await door.ready;
    } catch (error) {
      this.#doors.delete(key);
      throw error;
    }
    return connectTo(node.address, door.port, signal);
  }
  #takeDoor() {
    const door = this.#nextDoor;
    this.#nextDoor = door === doors.last ? doors.first : door + 1;
    return door;
  }
  #forgetOldDoors(now) {
    for (const [key, door] of this.#doors) if (now - door.openedAt > doorLife) this.#doors.delete(key);
  }
  async #loopback(node, podUid, port, signal) {
    const { pid, address } = await this.#sandbox(node, podUid, signal);
    const hex = port.toString(16).toUpperCase().padStart(4, "0");
    const listens = `grep -Eq '^ *[0-9]+: [0-9A-F]+:${hex} [0-9A-F]+:0000 0A' /proc/${pid}/net/tcp /proc/${pid}/net/tcp6`;
    try {
      await node.net.run(`${listens} || { echo 'dial tcp4 127.0.0.1:${port}: connect: connection refused'; exit 7; }`);
    } catch (error) {
      if (error instanceof ScriptError && error.code === 7) {
        throw Object.assign(new Error(error.message, { cause: error }), { code: "ECONNREFUSED" });
      }
      throw error;
    }
    const inside = ["/sbin/nsenter", "-t", String(pid), "-n"];
    if (!this.#isDirect()) return this.#relayed(node, "127.0.0.1", port, signal, inside);
    const relay = this.#takeDoor();
    const listen = `TCP4-LISTEN:${relay},bind=${address},range=${this.#gateway}/32,accept-timeout=10,reuseaddr`;
    const command = `${inside.join(" ")} /sbin/socat -b 262144 -t 86400 ${listen} TCP4:127.0.0.1:${port}`;
    await node.net.run(`${command} >/dev/null 2>&1 & true`, signal);
    return this.#soon(
      signal,
      () => address === node.address ? connectTo(address, relay, signal) : this.#throughDoor(node, address, relay, signal)
    );
  }
  /** The relay needs a moment to listen. */
  async #soon(signal, dial) {
    const end = this.#clock.steady() + 3e3;
    for (; ; ) {
      try {
        return await dial();
      } catch (error) {
        if (error.code !== "ECONNREFUSED" || this.#clock.steady() > end) throw error;
        await this.#clock.sleep(1, signal);
      }
    }
  }
  /** A process in the pod's network namespace, and the pod's address. */
  async #sandbox(node, podUid, signal) {
    const sandboxes = await this.#nodes.sandboxes(node.name, signal, podUid);
    const mine = sandboxes.find((c) => c.State === "running");
    const found = mine && await this.#engine.inspectContainer(mine.Id, signal);
    if (!found?.State.Running) throw new Error(`the sandbox of pod ${podUid} does not run`);
    return { pid: found.State.Pid, address: labelsOf(found)[label.address] ?? "" };
  }
  /** A relay inside the node whose streams the engine carries: works wherever the engine can be reached. */
  async #relayed(node, host2, port, signal, inside = []) {
    const command = [...inside, "/bin/nc", host2, String(port)];
    const process = await this.#engine.exec(node.running.id, { command, stdin: true, tty: false }, signal);
    process.stderr?.resume();
    const { stdin, stdout } = process;
    const ends = { readable: stdout, writable: stdin };
    const duplex = Duplex.from(ends);
    duplex.on("error", () => void 0);
    duplex.on("close", () => process.kill());
    return duplex;
  }
};
function connectTo(host2, port, signal) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const socket = connect({ host: host2, port, noDelay: true, allowHalfOpen: true });
    const abort = /* @__PURE__ */ __name(() => {
      socket.destroy();
      reject(signal.reason);
    }, "abort");
    signal.addEventListener("abort", abort, { once: true });
    socket.on("error", reject);
    socket.once("connect", () => {
      signal.removeEventListener("abort", abort);
      resolve(socket);
    });
    socket.once("close", () => signal.removeEventListener("abort", abort));
  });
}
__name(connectTo, "connectTo");

// src/runtimes/docker/events.ts
var containerActions = {
  start: "started",
  die: "died",
  destroy: "removed",
  oom: "oom"
};
var nodeActions = {
  start: "started",
  die: "stopped",
  pause: "paused",
  unpause: "unpaused"
};
var networkActions = {
  connect: "attached",
  disconnect: "detached"
};
function runtimeEvent(event, lookup) {
  const { ID: id, Attributes: attributes } = event.Actor;
  if (event.Type === "network") {
    const what2 = networkActions[event.Action];
    const node2 = attributes["container"] && lookup.nodeOf(attributes["container"]);
    return what2 && node2 && attributes["name"] === lookup.network ? { type: "node", node: node2, what: what2 } : void 0;
  }
  if (event.Type !== "container" || attributes[label.cluster] !== lookup.cluster) return void 0;
  const node = attributes[label.node] ?? "";
  const podUid = attributes[label.podUid] ?? "";
  if (attributes[label.role] === "node") {
    const what2 = nodeActions[event.Action];
    return what2 && { type: "node", node, what: what2 };
  }
  const what = containerActions[event.Action];
  if (!what) return void 0;
  if (attributes[label.role] === "container") return { type: "container", node, podUid, containerId: id, what };
  if (what === "died" || what === "removed") return { type: "sandbox", node, podUid, sandboxId: id, what };
  return void 0;
}
__name(runtimeEvent, "runtimeEvent");

// src/runtimes/docker/files.ts
import { dirname, posix } from "node:path";
var octal = /* @__PURE__ */ __name((mode) => (mode & 4095).toString(8), "octal");
var hostPathTypes = {
  Directory: { test: "-d", words: "is not a directory" },
  DirectoryOrCreate: { test: "-d", make: "mkdir -p -m 755", words: "is not a directory" },
  File: { test: "-f", words: "is not a file" },
  FileOrCreate: { test: "-f", make: "install -m 644 /dev/null", words: "is not a file" },
  Socket: { test: "-S", words: "is not a socket" },
  CharDevice: { test: "-c", words: "is not a character device" },
  BlockDevice: { test: "-b", words: "is not a block device" }
};
var DockerPodFiles = class {
  static {
    __name(this, "DockerPodFiles");
  }
  #shell;
  #disk;
  #memory;
  #volumes;
  constructor(shell, disk, memory, removeVolumes) {
    this.#shell = shell;
    this.#disk = disk;
    this.#memory = memory;
    this.#volumes = removeVolumes;
  }
  path(relative) {
    return posix.join(this.#disk, relative);
  }
  memoryPath(relative) {
    return posix.join(this.#memory, relative);
  }
  async ensureFolder(path, { mode, gid }, signal) {
    const at = quote(path);
    const owner = gid === void 0 ? "" : ` && chgrp ${gid} ${at}`;
    await this.#run(`[ -d ${at} ] || { mkdir -p ${at}${owner} && chmod ${octal(mode)} ${at}; }`, signal);
  }
  /**
   * As upstream's atomic writer: the files of one version in a folder named by time, a link `..data` to it that is
   * renamed into place, and links from the volume's top through `..data`.
   */
  async writeVolume(path, files, { gid }, signal) {
    await this.#run(volumeScript(path, files, gid), signal);
  }
  async writeFile(path, content, mode, signal) {
    const folder = quote(dirname(path));
    const write = put(quote(path), Buffer.from(content));
    await this.#run(`mkdir -p ${folder}
${write}
chmod ${octal(mode)} ${quote(path)}`, signal);
  }
  async subPath(path, relative, signal) {
    const parts = relative.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.includes("..")) throw new Error(`subPath must not contain '..': ${relative}`);
    const outside = quote(`subpath "${relative}" not within volume path ${path}`);
    const walk = parts.map((part, index) => {
      const name = quote(part);
      return [
        `[ -e ${name} ] || [ -L ${name} ] || mkdir -m 750 ${name}`,
        `t=$(readlink -f ${name} || true)`,
        `case "$t/" in "$base"/*) ;; *) echo ${outside}; exit 9;; esac`,
        index === parts.length - 1 ? `readlink -f ${name}` : `cd -P ${name}`
      ].join("\n");
    });
    const output = await this.#run(`cd ${quote(path)}
base=$(pwd -P)
${walk.join("\n") || "pwd -P"}`, signal);
    return output.trim();
  }
  async checkHostPath(path, type, signal) {
    const at = `"$H"${quote(path)}`;
    if (type === "") {
      await this.#run(`${hostRoot}
[ -e ${at} ] || mkdir -p ${at}`, signal);
      return;
    }
    const rule = hostPathTypes[type];
    if (!rule) throw new Error(`unknown hostPath type "${type}"`);
    const script = [
      hostRoot,
      ...rule.make ? [`[ -e ${at} ] || ${rule.make} ${at}`] : [],
      `[ ${rule.test} ${at} ] || { echo 'hostPath type check failed: '${quote(path)}' ${rule.words}'; exit 9; }`
    ];
    await this.#run(script.join("\n"), signal);
  }
  async removeAll(signal) {
    const folders = `${quote(this.#disk)} ${quote(this.#memory)}`;
    await Promise.all([this.#shell().run(`rm -rf ${folders}`, signal), this.#volumes()]);
  }
  async #run(script, signal) {
    return this.#shell().run(`set -e
${script}`, signal);
  }
};
function put(target, content) {
  if (content.length === 0) return `: >${target}`;
  return `base64 -d >${target} <<'END'
${content.toString("base64").replace(/.{1,76}/g, "$&\n")}END`;
}
__name(put, "put");
function volumeScript(path, files, gid) {
  const lines = [
    `mkdir -p ${quote(path)} && cd ${quote(path)}`,
    "old=$(readlink ..data 2>/dev/null || true)",
    `new=..$(date -u +%Y_%m_%d_%H_%M_%S).$$$(cut -d' ' -f1 /proc/uptime | tr -d .)`,
    'mkdir "$new" && chmod 755 "$new"'
  ];
  const folders = new Set(files.map((f) => dirname(f.path)).filter((folder) => folder !== "."));
  for (const folder of folders) lines.push(`mkdir -p "$new"/${quote(folder)}`);
  for (const file of files) {
    const at = `"$new"/${quote(file.path)}`;
    lines.push(put(at, file.content), `chmod ${octal(file.mode)} ${at}`);
    if (file.uid !== void 0) lines.push(`chown ${file.uid} ${at}`);
  }
  if (gid !== void 0) lines.push(`chgrp -R ${gid} "$new" . 2>/dev/null || true`, 'chmod g+rxs . "$new"');
  const tops = new Set(files.map((f) => f.path.split("/")[0]));
  lines.push('ln -s "$new" ..data_tmp && mv -f -T ..data_tmp ..data');
  for (const top of tops) lines.push(`[ -L ${quote(top)} ] || ln -s ${quote(`..data/${top}`)} ${quote(top)}`);
  const keep = [...tops].map((top) => `${quote(top)}`).join("|");
  lines.push(
    "for f in * .[!.]*; do",
    '  [ -L "$f" ] || continue',
    `  case "$f" in ${keep ? `${keep}) ;; ` : ""}*) rm -f "$f";; esac`,
    "done",
    '[ -z "$old" ] || rm -rf "./$old"'
  );
  return lines.join("\n");
}
__name(volumeScript, "volumeScript");

// src/runtimes/docker/images.ts
var component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
var host = "(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?";
var referenceForm = new RegExp(
  `^(${host}/)?(${component}(?:/${component})*)(?::([\\w][\\w.-]{0,127}))?(?:@([a-z0-9]+:[0-9a-f]{32,}))?$`
);
function parseReference(text) {
  if (text.length > 4096) return void 0;
  const found = referenceForm.exec(text);
  if (!found) return void 0;
  const [, first, rest = "", tag, digest] = found;
  const prefix = first?.slice(0, -1);
  const isRegistry = prefix !== void 0 && (/[.:[]/.test(prefix) || prefix === "localhost");
  if (prefix !== void 0 && !isRegistry && !new RegExp(`^${component}$`).test(prefix)) return void 0;
  return {
    registry: isRegistry ? prefix : "docker.io",
    name: prefix === void 0 ? rest : `${prefix}/${rest}`,
    tag: digest ?? tag ?? "latest"
  };
}
__name(parseReference, "parseReference");
var DockerImages = class {
  static {
    __name(this, "DockerImages");
  }
  #engine;
  constructor(engine) {
    this.#engine = engine;
  }
  async find(reference, signal) {
    if (!/^sha256:[0-9a-f]{64}$/.test(reference) && !parseReference(reference)) throw invalidName(reference);
    const found = await this.#engine.inspectImage(reference, signal);
    return found && imageInfo(found);
  }
  async pull(reference, credentials, signal) {
    const parsed = parseReference(reference);
    if (!parsed) throw invalidName(reference);
    const fitting = credentials.filter((credential) => registryOf(credential.server) === parsed.registry);
    const tries = fitting.length > 0 ? fitting : [void 0];
    let failure;
    for (const credential of tries) {
      const auth = credential && {
        username: credential.username,
        password: credential.password,
        serveraddress: credential.server
      };
      try {
        await this.#engine.pullImage(parsed, auth, signal);
        const found = await this.#engine.inspectImage(reference, signal);
        if (found) return imageInfo(found);
      } catch (error) {
        signal.throwIfAborted();
        failure = error;
      }
    }
    const said = failure instanceof EngineError ? failure.message : String(failure?.message);
    throw new ImageError("ErrImagePull", `failed to pull image "${reference}": ${said}`, failure);
  }
  async list(signal) {
    return (await this.#engine.listImages(signal)).map(summaryInfo);
  }
};
function invalidName(reference) {
  return new ImageError(
    "InvalidImageName",
    `Failed to apply default image tag "${reference}": couldn't parse image name "${reference}": invalid reference format`
  );
}
__name(invalidName, "invalidName");
function registryOf(server) {
  const name = server.replace(/^https?:\/\//, "").split("/")[0] ?? "";
  return name === "index.docker.io" || name === "registry-1.docker.io" ? "docker.io" : name;
}
__name(registryOf, "registryOf");
function namesOf(image) {
  return [...image.RepoDigests ?? [], ...image.RepoTags ?? []].filter((name) => !name.includes("<none>"));
}
__name(namesOf, "namesOf");
function imageInfo(image) {
  return {
    id: image.Id,
    names: namesOf(image),
    sizeBytes: image.Size,
    user: image.Config?.User ?? "",
    entrypoint: image.Config?.Entrypoint ?? [],
    command: image.Config?.Cmd ?? [],
    ...image.Config?.StopSignal && { stopSignal: image.Config.StopSignal }
  };
}
__name(imageInfo, "imageInfo");
function summaryInfo(image) {
  const unknown = { user: "", entrypoint: [], command: [] };
  return { id: image.Id, names: namesOf(image), sizeBytes: image.Size, ...unknown };
}
__name(summaryInfo, "summaryInfo");

// src/runtimes/docker/logs.ts
import { PassThrough } from "node:stream";

// src/runtimes/docker/log-lines.ts
function planLogs(options, now) {
  const since = options.sinceTime !== void 0 ? Date.parse(options.sinceTime) : sinceSeconds(options, now);
  return {
    stdout: options.stream !== "Stderr",
    stderr: options.stream !== "Stdout",
    follow: options.follow ?? false,
    ...options.tailLines !== void 0 && { tail: options.tailLines },
    ...since !== void 0 && !Number.isNaN(since) && { sinceMs: since },
    timestamps: options.timestamps ?? false,
    ...options.limitBytes !== void 0 && { limitBytes: options.limitBytes }
  };
}
__name(planLogs, "planLogs");
function sinceSeconds(options, now) {
  return options.sinceSeconds === void 0 ? void 0 : now - options.sinceSeconds * 1e3;
}
__name(sinceSeconds, "sinceSeconds");
function after(timestamp) {
  const [whole = "", fraction = ""] = timestamp.replace(/(Z|[+-]\d\d:\d\d)$/, "").split(".");
  const zone = /(Z|[+-]\d\d:\d\d)$/.exec(timestamp)?.[1] ?? "Z";
  const seconds2 = BigInt(Date.parse(`${whole}${zone}`) / 1e3);
  const total = seconds2 * 1000000000n + BigInt(fraction.padEnd(9, "0").slice(0, 9)) + 1n;
  const digits = total.toString();
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
}
__name(after, "after");
var longestStamp = 40;
var stampForm = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) /;
var StampStripper = class {
  static {
    __name(this, "StampStripper");
  }
  #show;
  #emit;
  #pending = Buffer.alloc(0);
  #atStart = true;
  #atLineStart = true;
  /** The last stamp seen. */
  last = "";
  constructor(show, emit) {
    this.#show = show;
    this.#emit = emit;
  }
  /** A part of a message; `end` says that the message is complete. */
  message(data, end) {
    let rest = data;
    if (this.#atStart) {
      this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, data]) : data;
      if (!end && this.#pending.length < longestStamp && !this.#pending.includes(" ")) return;
      rest = this.#takeStamp(this.#pending);
      this.#pending = Buffer.alloc(0);
      this.#atStart = false;
    }
    if (rest.length > 0) {
      this.#atLineStart = rest.at(-1) === 10;
      this.#emit(rest);
    }
    if (end) this.#atStart = true;
  }
  /** Output of a terminal comes without frames: each line is a message. */
  raw(data) {
    let rest = data;
    while (rest.length > 0) {
      const at = rest.indexOf(10);
      const piece = at < 0 ? rest : rest.subarray(0, at + 1);
      this.message(piece, at >= 0);
      rest = rest.subarray(piece.length);
    }
  }
  #takeStamp(data) {
    const found = stampForm.exec(data.toString("latin1", 0, longestStamp));
    if (!found) return data;
    this.last = found[1];
    return this.#show && this.#atLineStart ? data : data.subarray(found[0].length);
  }
};

// src/runtimes/docker/logs.ts
async function containerLogs(engine, clock, id, options, signal) {
  const found = await engine.inspectContainer(id, signal);
  if (!found) throw new Error(`container ${id} is gone`);
  const plan = planLogs(options, clock.wall());
  const out = new PassThrough();
  out.on("error", () => void 0);
  const own = new AbortController();
  const stop = /* @__PURE__ */ __name(() => own.abort(), "stop");
  out.on("close", stop);
  signal.addEventListener("abort", stop, { once: true });
  const first = await open(engine, id, plan, sinceOf(plan), plan.tail, own.signal);
  pump(engine, clock, id, plan, found.Config.Tty, first, out, own.signal).then(
    () => out.end(),
    (error) => own.signal.aborted ? out.end() : out.destroy(error)
  ).finally(() => signal.removeEventListener("abort", stop));
  return out;
}
__name(containerLogs, "containerLogs");
var sinceOf = /* @__PURE__ */ __name(({ sinceMs }) => sinceMs === void 0 ? void 0 : (sinceMs / 1e3).toFixed(9), "sinceOf");
function open(engine, id, { stdout, stderr, follow }, since, tail, signal) {
  const request = { stdout, stderr, follow, timestamps: true };
  return engine.logs(
    id,
    { ...request, ...since !== void 0 && { since }, ...tail !== void 0 && { tail } },
    signal
  );
}
__name(open, "open");
async function pump(engine, clock, id, plan, tty, first, out, signal) {
  let left = plan.limitBytes ?? Number.POSITIVE_INFINITY;
  const emit = /* @__PURE__ */ __name((data) => {
    const part = data.length > left ? data.subarray(0, left) : data;
    left -= part.length;
    if (part.length > 0) out.write(part);
  }, "emit");
  let last = "";
  for (let stream = first; ; ) {
    const strippers = {
      stdout: new StampStripper(plan.timestamps, emit),
      stderr: new StampStripper(plan.timestamps, emit)
    };
    const frames = new FrameParser((source, data, end) => strippers[source].message(data, end));
    try {
      for await (const chunk of stream) {
        if (tty) strippers.stdout.raw(chunk);
        else frames.push(chunk);
        last = [last, strippers.stdout.last, strippers.stderr.last].sort().at(-1);
        if (left <= 0) return;
        if (out.writableNeedDrain) await drained(out);
      }
      if (!plan.follow || !await stillRuns(engine, id, signal)) return;
    } catch (error) {
      if (signal.aborted || !plan.follow) throw error;
    }
    const next = await reopen(engine, clock, id, plan, last, signal);
    if (!next) return;
    stream = next;
  }
}
__name(pump, "pump");
async function reopen(engine, clock, id, plan, last, signal) {
  for (let delay = 50; ; delay = Math.min(delay * 2, 2e3)) {
    await clock.sleep(delay, signal);
    try {
      return await open(engine, id, plan, last ? after(last) : sinceOf(plan), void 0, signal);
    } catch (error) {
      if (isNotFound(error)) return void 0;
      if (signal.aborted) throw error;
    }
  }
}
__name(reopen, "reopen");
async function stillRuns(engine, id, signal) {
  const found = await engine.inspectContainer(id, signal).catch(() => void 0);
  return found?.State.Running ?? false;
}
__name(stillRuns, "stillRuns");
function drained(out) {
  return new Promise((resolve) => {
    const done = /* @__PURE__ */ __name(() => {
      out.off("drain", done);
      out.off("close", done);
      resolve();
    }, "done");
    out.on("drain", done);
    out.on("close", done);
  });
}
__name(drained, "drained");

// src/runtimes/docker/node.ts
var DockerNode = class {
  static {
    __name(this, "DockerNode");
  }
  name;
  podCIDR;
  /** On the cluster network; the same for the container's whole life. */
  address;
  pool;
  #engine;
  #log;
  #running;
  #shells;
  constructor(engine, log, name, podCIDR, address) {
    this.#engine = engine;
    this.#log = log.child({ node: name });
    this.name = name;
    this.podCIDR = podCIDR;
    this.address = address;
    this.pool = new AddressPool(podCIDR, 2);
  }
  get peer() {
    return { name: this.name, address: this.address, podCIDR: this.podCIDR };
  }
  /** The container's id; throws while the machine does not run. */
  get running() {
    if (!this.#running) throw new Error(`node ${this.name} does not run`);
    return this.#running;
  }
  get runs() {
    return this.#running !== void 0;
  }
  /** For wiring: short scripts that pods wait for. */
  get net() {
    return this.#open().net;
  }
  /** For files: what is written there may be long. */
  get files() {
    return this.#open().files;
  }
  /** Starts the container, making it first where there is none. */
  async start(cluster, network, image, spec, signal) {
    const name = nodeContainerName(cluster.name, this.name);
    let found = await this.#engine.inspectContainer(name, signal);
    const down = !found?.State.Running;
    if (!found) {
      const config = nodeContainer(cluster, network, image, spec, this.address);
      try {
        await this.#engine.createContainer(name, config, signal);
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
    if (down) {
      await this.#engine.startContainer(name, signal);
      found = await this.#engine.inspectContainer(name, signal);
    }
    if (!found?.State.Running) throw new Error(`node ${this.name} ended as soon as it was started: ${diagnose(found)}`);
    if (found.State.Paused) throw new Error(`node ${this.name} is paused`);
    if (!found.NetworkSettings.Networks[network.name]) {
      throw new Error(`node ${this.name} is disconnected from the network ${network.name}`);
    }
    const startedAt = found.State.StartedAt;
    if (this.#running?.startedAt !== startedAt || this.#running.id !== found.Id) {
      this.stopped();
      this.#running = { id: found.Id, startedAt };
    }
  }
  /** Writes forwarding, rules and routes; returns the size of the disk the pods' files are on. */
  async program(peers, network, signal) {
    const script = programNode(this.peer, peers, network.subnets, network.gateway);
    const disk = `${hostRoot}; df -k $H/var/lib | tail -1 | awk '{print "disk", $2}'`;
    const output = await this.net.run(`${script}
${disk}`, signal);
    return { diskBytes: Number(/^disk (\d+)/m.exec(output)?.[1] ?? 0) * 1024 };
  }
  /** Gives all other nodes' pods a way to a node that has come. */
  async route(peer, signal) {
    await this.net.run(`/sbin/ip route replace ${peer.podCIDR} via ${peer.address}`, signal);
  }
  /** The container is down: what was open to it is closed. */
  stopped() {
    this.#running = void 0;
    this.#shells?.net.close();
    this.#shells?.files.close();
    this.#shells = void 0;
  }
  #open() {
    const { id } = this.running;
    this.#shells ??= {
      net: new NodeShell(this.#engine, id, this.#log),
      files: new NodeShell(this.#engine, id, this.#log)
    };
    return this.#shells;
  }
};
function diagnose(found) {
  return found ? found.State.Error || `exit code ${found.State.ExitCode}` : "it is gone";
}
__name(diagnose, "diagnose");

// src/runtimes/docker/nodes.ts
var DockerNodes = class {
  static {
    __name(this, "DockerNodes");
  }
  #engine;
  #cluster;
  #network;
  #image;
  #info;
  #log;
  #nodes = /* @__PURE__ */ new Map();
  #addresses;
  #turns = /* @__PURE__ */ new Map();
  constructor(engine, cluster, network, image, info, log) {
    this.#engine = engine;
    this.#cluster = cluster;
    this.#network = network;
    this.#image = image;
    this.#info = info;
    this.#log = log;
    this.#addresses = new AddressPool(network.subnets.nodes, 2);
  }
  /** Takes up the nodes that exist already, before any is made, so that no address is given twice. */
  async recover(signal) {
    const filters = { label: [`${label.cluster}=${this.#cluster.name}`, `${label.role}=node`] };
    for (const { Labels } of await this.#engine.listContainers(filters, signal)) {
      const [name, podCIDR, address] = [Labels[label.node], Labels[label.podCIDR], Labels[label.address]];
      if (!name || !podCIDR || !address) continue;
      this.#addresses.take(address, name);
      this.#nodes.set(name, new DockerNode(this.#engine, this.#log, name, podCIDR, address));
    }
  }
  get(name) {
    const node = this.#nodes.get(name);
    if (!node) throw new Error(`there is no node ${name}`);
    return node;
  }
  find(name) {
    return this.#nodes.get(name);
  }
  all() {
    return [...this.#nodes.values()];
  }
  /** Starts or repairs one node. */
  ensure(spec, rewire, signal) {
    return this.#inTurn(spec.name, () => this.#ensure(spec, rewire, signal));
  }
  /** Work on one node runs one after another. */
  #inTurn(name, work) {
    const before = this.#turns.get(name) ?? Promise.resolve();
    const turn = before.catch(() => void 0).then(work);
    this.#turns.set(name, turn);
    return turn;
  }
  async #ensure(spec, rewire, signal) {
    const node = this.#node(spec);
    await node.start(this.#cluster, this.#network, this.#image, spec, signal);
    const sandboxes = await this.sandboxes(node.name, signal);
    holdAddresses(node, sandboxes);
    await this.#killOlder(node, signal);
    const peers = this.all().map((other) => other.peer);
    const { diskBytes } = await node.program(peers, this.#network, signal);
    await rewire(
      node,
      sandboxes.filter((sandbox) => sandbox.State === "running"),
      signal
    );
    await Promise.all(
      this.all().filter((other) => other !== node && other.runs).map((other) => other.route(node.peer, signal).catch(() => void 0))
    );
    const { id, startedAt } = node.running;
    return describeMachine(spec, node.address, this.#info, { containerId: id, startedAt, diskBytes });
  }
  /** A machine that started anew had lost its power: what is older than its start is dead, whatever the engine thinks. */
  async #killOlder(node, signal) {
    const boot = Date.parse(node.running.startedAt);
    const containers = await this.podContainers(node.name, signal);
    await Promise.all(
      containers.filter(isAlive).map(async (container) => {
        const found = await this.#engine.inspectContainer(container.Id, signal);
        if (found && Date.parse(found.Created) < boot) await this.#kill(container, signal);
      })
    );
  }
  /** The engine says that a node's container ended. Kills what ran on it, unless it runs again by now. */
  lostPower(name) {
    return this.#inTurn(name, async () => {
      const node = this.#nodes.get(name);
      if (!node) return;
      const found = await this.#engine.inspectContainer(nodeContainerName(this.#cluster.name, name));
      if (found?.State.Running && node.runs && node.running.startedAt === found.State.StartedAt) return;
      node.stopped();
      if (!found?.State.Running) await this.#killAll(name);
    });
  }
  #node(spec) {
    const known = this.#nodes.get(spec.name);
    if (known) {
      if (known.podCIDR === spec.podCIDR) return known;
      throw new Error(`node ${spec.name} exists with the pod range ${known.podCIDR}, not ${spec.podCIDR}`);
    }
    const node = new DockerNode(this.#engine, this.#log, spec.name, spec.podCIDR, this.#addresses.allocate(spec.name));
    this.#nodes.set(spec.name, node);
    return node;
  }
  /** Sandboxes of a node in any state. */
  async sandboxes(node, signal, podUid) {
    const containers = await this.podContainers(node, signal, podUid);
    return containers.filter((container) => container.Labels[label.role] === "sandbox");
  }
  /** Everything of a node but its own container, in any state; of one pod alone, if given. */
  async podContainers(node, signal, podUid) {
    const labels = [...this.#labels(node), ...podUid === void 0 ? [] : [`${label.podUid}=${podUid}`]];
    const all = await this.#engine.listContainers({ label: labels }, signal);
    return all.filter((container) => container.Labels[label.role] !== "node");
  }
  #labels(node) {
    return [`${label.cluster}=${this.#cluster.name}`, `${label.node}=${node}`];
  }
  async #killAll(node) {
    const containers = await this.podContainers(node);
    await Promise.all(containers.filter(isAlive).map((container) => this.#kill(container)));
  }
  /** The container stays, dead, for the kubelet to see. */
  async #kill(container, signal) {
    if (container.State === "paused") await this.#engine.unpauseContainer(container.Id, signal).catch(() => void 0);
    await this.#engine.killContainer(container.Id, "SIGKILL", signal).catch(() => void 0);
  }
  /** Freezes or thaws what runs on a node, together with the node. */
  async pauseAll(node, pause) {
    const containers = await this.podContainers(node);
    const wanted = containers.filter((c) => c.State === (pause ? "running" : "paused"));
    const act = /* @__PURE__ */ __name((id) => pause ? this.#engine.pauseContainer(id) : this.#engine.unpauseContainer(id), "act");
    await Promise.all(wanted.map((c) => act(c.Id).catch(() => void 0)));
  }
  /** Forgets a removed node; its address may be given again. */
  forget(name) {
    const node = this.#nodes.get(name);
    if (!node) return;
    node.stopped();
    this.#addresses.release(node.address, name);
    this.#nodes.delete(name);
    this.#turns.delete(name);
  }
};
var isAlive = /* @__PURE__ */ __name((container) => container.State === "running" || container.State === "paused", "isAlive");
function holdAddresses(node, sandboxes) {
  const order = [...sandboxes.filter(isAlive), ...sandboxes.filter((sandbox) => !isAlive(sandbox))];
  for (const { Id, Labels } of order) {
    const { [label.address]: address, [label.network]: kind } = Labels;
    if (address && kind === "pod" && node.pool.holder(address) === void 0) node.pool.take(address, Id);
  }
}
__name(holdAddresses, "holdAddresses");

// src/runtimes/docker/cgroups.ts
function weightOf(shares) {
  const bounded = Math.min(262144, Math.max(2, shares));
  return 1 + Math.floor((bounded - 2) * 9999 / 262142);
}
__name(weightOf, "weightOf");
function limitPod(folder, { memoryBytes, cpuShares, cpuQuota, cpuPeriod = 1e5 }) {
  const [v1, v2] = [`$H/sys/fs/cgroup`, `$H/sys/fs/cgroup${folder}`];
  const set = /* @__PURE__ */ __name((value, file) => `[ ! -f ${file} ] || echo ${value} >${file}`, "set");
  const lines = [
    ...memoryBytes === void 0 ? [] : [set(memoryBytes, `${v1}/memory${folder}/memory.limit_in_bytes`), set(memoryBytes, `${v2}/memory.max`)],
    ...cpuShares === void 0 ? [] : [set(cpuShares, `${v1}/cpu${folder}/cpu.shares`), set(weightOf(cpuShares), `${v2}/cpu.weight`)],
    ...cpuQuota === void 0 ? [] : [
      set(cpuPeriod, `${v1}/cpu${folder}/cpu.cfs_period_us`),
      set(cpuQuota, `${v1}/cpu${folder}/cpu.cfs_quota_us`),
      set(`"${cpuQuota} ${cpuPeriod}"`, `${v2}/cpu.max`)
    ]
  ];
  return lines.length === 0 ? void 0 : ["set -e", hostRoot, ...lines].join("\n");
}
__name(limitPod, "limitPod");
function removeGroup(folder) {
  return `${hostRoot}
for d in $H/sys/fs/cgroup/*${folder} $H/sys/fs/cgroup${folder}; do [ ! -d "$d" ] || rmdir "$d" 2>/dev/null; done; true`;
}
__name(removeGroup, "removeGroup");

// src/runtimes/docker/sandboxes.ts
var Sandboxes = class {
  static {
    __name(this, "Sandboxes");
  }
  #engine;
  #nodes;
  #context;
  #mtu;
  /** Labels never change, so what was read once stays true. */
  #shapes = /* @__PURE__ */ new Map();
  constructor(engine, nodes, context, mtu2) {
    this.#engine = engine;
    this.#nodes = nodes;
    this.#context = context;
    this.#mtu = mtu2;
  }
  async start(spec, signal) {
    const node = this.#nodes.get(spec.node);
    const name = sandboxName(this.#context.cluster.name, spec.pod.uid, spec.attempt);
    const address = spec.hostNetwork ? node.address : node.pool.allocate(name);
    const config = sandboxConfig(this.#context, spec, address, node.running.id);
    let id;
    try {
      id = await this.#engine.createContainer(name, config, signal);
    } catch (error) {
      if (!spec.hostNetwork) node.pool.release(address, name);
      if (isConflict(error)) return this.#adopt(node, name, spec, signal);
      throw refused2(error);
    }
    if (!spec.hostNetwork) node.pool.take(address, id);
    this.#shapes.set(id, { id, nodeId: node.running.id, labels: { ...config.Labels } });
    return this.#run(node, id, spec, signal);
  }
  async #adopt(node, name, spec, signal) {
    const found = await this.#engine.inspectContainer(name, signal);
    if (!found) throw new StartError("CreatePodSandboxError", `sandbox ${name} is being removed`);
    const address = labelsOf(found)[label.address];
    const held = address !== void 0 && node.pool.holder(address) !== void 0;
    if (address && labelsOf(found)[label.network] === "pod" && !held) node.pool.take(address, found.Id);
    if (found.State.Status === "created" || found.State.Running) return this.#run(node, found.Id, spec, signal);
    return sandboxState(found, []);
  }
  async #run(node, id, spec, signal) {
    try {
      await this.#engine.startContainer(id, signal);
      const found = await this.#engine.inspectContainer(id, signal);
      if (!found?.State.Running) throw new Error("the sandbox ended as soon as it was started");
      const folder = this.#context.cgroupFolder(node.name, spec.pod.uid);
      const limit = limitPod(folder, spec.resources);
      await Promise.all([this.wire(node, found, signal), limit && node.files.run(limit, signal)]);
      return sandboxState(found, []);
    } catch (error) {
      throw refused2(error);
    }
  }
  /** Lays (or lays again) the cable and the host ports of a running sandbox. */
  async wire(node, found, signal) {
    const labels = labelsOf(found);
    const address = labels[label.address];
    if (labels[label.network] !== "pod" || !address) return;
    const anchor = { pid: found.State.Pid, containerId: found.Id };
    const sysctls = JSON.parse(labels[label.sysctls] || "{}");
    await node.net.run(wirePod(anchor, address, this.#mtu, hostPortsOf(labels), sysctls), signal);
  }
  /** What an app container must know of its sandbox. */
  async shape(id, signal) {
    const known = this.#shapes.get(id);
    if (known) return known;
    const found = await this.#engine.inspectContainer(id, signal);
    if (!found) throw new StartError("CreateContainerError", `sandbox ${id} is gone`);
    const labels = labelsOf(found);
    const node = this.#nodes.get(labels[label.node] ?? "");
    const shape = { id, nodeId: node.running.id, labels };
    this.#shapes.set(id, shape);
    return shape;
  }
  /** Kills what runs in the sandbox and the sandbox itself; takes back its address and ports. */
  async stop(nodeName, id, signal) {
    const found = await this.#engine.inspectContainer(id, signal);
    if (!found) return;
    const uid = labelsOf(found)[label.podUid];
    const containers = await this.#nodes.podContainers(nodeName, signal);
    const alive = containers.filter(
      (c) => c.Labels[label.podUid] === uid && c.State === "running" && c.Id !== found.Id
    );
    await Promise.all(alive.map((c) => this.#engine.killContainer(c.Id, "SIGKILL", signal)));
    await Promise.all([this.#engine.killContainer(found.Id, "SIGKILL", signal), this.#unwire(nodeName, found, signal)]);
  }
  /** Removes the sandbox, what still uses it, and the pod's then empty cgroup. */
  async remove(nodeName, id, signal) {
    const found = await this.#engine.inspectContainer(id, signal);
    if (!found) return;
    const labels = labelsOf(found);
    const mine = await this.#nodes.podContainers(nodeName, signal, labels[label.podUid]);
    const others = mine.some((c) => c.Labels[label.role] === "sandbox" && c.Id !== found.Id);
    const apps = others ? [] : mine.filter((c) => c.Labels[label.role] === "container");
    await Promise.all([
      ...apps.map((c) => this.#engine.removeContainer(c.Id, signal)),
      this.#engine.removeContainer(found.Id, signal),
      this.#unwire(nodeName, found, signal)
    ]);
    this.#shapes.delete(found.Id);
    const node = this.#nodes.find(nodeName);
    if (others || !node?.runs) return;
    const folder = this.#context.cgroupFolder(nodeName, labels[label.podUid] ?? "");
    await node.files.run(removeGroup(folder), signal).catch(() => void 0);
  }
  /** Takes the cable and the address back, if the sandbox still holds them: stopped ones have given them up before. */
  async #unwire(nodeName, { Id, Config }, signal) {
    const labels = Config.Labels ?? {};
    const node = this.#nodes.find(nodeName);
    const address = labels[label.address];
    if (!node || !address || labels[label.network] !== "pod" || node.pool.holder(address) !== Id) return;
    if (node.runs) await node.net.run(unwirePod(address, hostPortsOf(labels)), signal).catch(() => void 0);
    node.pool.release(address, Id);
  }
};
function hostPortsOf(labels) {
  return JSON.parse(labels[label.hostPorts] || "[]");
}
__name(hostPortsOf, "hostPortsOf");
function refused2(error) {
  if (error instanceof StartError) return error;
  if (error.name === "AbortError") return error;
  const words = error instanceof EngineError || error instanceof Error ? error.message : String(error);
  return new StartError("CreatePodSandboxError", words, error);
}
__name(refused2, "refused");

// src/runtimes/docker/stats.ts
function statsScript(paths) {
  const each = paths.map(
    (path, index) => [
      `echo @${index}`,
      `c=$H/sys/fs/cgroup/cpuacct${path}/cpuacct.usage; [ -f $c ] && echo cpu_nanos $(cat $c)`,
      `m=$H/sys/fs/cgroup/memory${path}; [ -d $m ] && { echo usage $(cat $m/memory.usage_in_bytes); cat $m/memory.stat; }`,
      `u=$H/sys/fs/cgroup${path}; [ -d $u ] && { cat $u/cpu.stat; echo usage $(cat $u/memory.current); cat $u/memory.stat; }`
    ].join("\n")
  );
  return `${hostRoot}
{
${each.join("\n")}
} 2>/dev/null
true`;
}
__name(statsScript, "statsScript");
function parseStats(output, containers, now) {
  const found = [];
  for (const block of output.split(/^@/m).slice(1)) {
    const [index = "", ...lines] = block.split("\n");
    const container = containers[Number(index)];
    const counters = new Map(lines.map((line) => line.split(" ")));
    const count = /* @__PURE__ */ __name((...names) => Number(names.map((n) => counters.get(n)).find((n) => n !== void 0) ?? 0), "count");
    if (!container || !counters.has("usage")) continue;
    const workingSet = count("usage") - count("total_inactive_file", "inactive_file");
    found.push({
      podUid: container.Labels[label.podUid] ?? "",
      container: container.Labels[label.container] ?? "",
      containerId: container.Id,
      cpuNanos: counters.has("cpu_nanos") ? count("cpu_nanos") : count("usage_usec") * 1e3,
      memoryWorkingSetBytes: Math.max(0, workingSet),
      memoryRssBytes: count("total_rss", "anon"),
      sampledAt: now
    });
  }
  return found;
}
__name(parseStats, "parseStats");

// src/runtimes/docker/streams.ts
async function execIn(engine, clock, node, containerId, options, signal) {
  const { command, stdin, tty } = options;
  const process = await engine.exec(containerId, { command, stdin, tty }, signal);
  return chosen(process, options, signal, () => {
    killCommand(engine, clock, node, containerId, process.id).catch(() => void 0).finally(() => process.kill());
  });
}
__name(execIn, "execIn");
async function killCommand(engine, clock, node, containerId, execId) {
  for (let tries = 0; tries < 100; tries++) {
    const state = await engine.inspectExec(execId);
    if (!state?.Running) return;
    if (state.Pid) {
      const owned = `grep -q ${containerId} /proc/${state.Pid}/cgroup`;
      await node.net.run(`${owned} && kill -9 ${state.Pid}; true`);
    }
    await clock.sleep(10);
  }
}
__name(killCommand, "killCommand");
async function attachTo(engine, containerId, { tty, replay }, options, signal) {
  const process = await engine.attach(containerId, { stdin: options.stdin, tty, replay }, signal);
  return chosen(process, { ...options, tty }, signal, () => process.kill());
}
__name(attachTo, "attachTo");
function chosen(process, options, signal, kill) {
  signal.addEventListener("abort", kill, { once: true });
  const forget = /* @__PURE__ */ __name(() => signal.removeEventListener("abort", kill), "forget");
  process.exit.then(forget, forget);
  if (!options.stdout) process.stdout.resume();
  if (!options.stderr) process.stderr?.resume();
  return {
    ...options.stdin && process.stdin && { stdin: process.stdin },
    ...options.stdout && { stdout: process.stdout },
    ...options.stderr && process.stderr && { stderr: process.stderr },
    exit: process.exit,
    resize: process.resize,
    kill
  };
}
__name(chosen, "chosen");

// src/runtimes/docker/runtime.ts
var mtu = 1500;
var DockerRuntime = class _DockerRuntime {
  static {
    __name(this, "DockerRuntime");
  }
  name = "docker";
  runsProcesses = true;
  containerRuntimeVersion;
  images;
  #options;
  #engine;
  #nodes;
  #sandboxes;
  #containers;
  #dialer;
  #cgroupDriver;
  #sinks = /* @__PURE__ */ new Set();
  #resets = /* @__PURE__ */ new Set();
  constructor(options, info) {
    const { engine, cluster, network, clock, log, nodeImage } = options;
    this.#options = options;
    this.#engine = engine;
    this.containerRuntimeVersion = `docker://${engine.version.Version}`;
    this.images = new DockerImages(engine);
    this.#cgroupDriver = info.CgroupDriver;
    this.#nodes = new DockerNodes(engine, cluster, network, nodeImage, info, log);
    const context = {
      cluster,
      nodeImage,
      volumesFolder: `${info.DockerRootDir}/volumes`,
      ownNetworks: allowsOwnNetworks(info),
      cgroupParent: /* @__PURE__ */ __name((node, podUid) => cgroupParent(info.CgroupDriver, cluster.name, node, podUid), "cgroupParent"),
      cgroupFolder: /* @__PURE__ */ __name((node, podUid) => cgroupFolder(info.CgroupDriver, cgroupParent(info.CgroupDriver, cluster.name, node, podUid)), "cgroupFolder")
    };
    this.#sandboxes = new Sandboxes(engine, this.#nodes, context, mtu);
    this.#containers = new Containers(engine, this.#nodes, this.#sandboxes, context);
    this.#dialer = new DockerDialer(engine, this.#nodes, network.gateway, clock);
  }
  /** Takes up what runs of the cluster already, and follows the engine's events from then on. */
  static async open(options, signal) {
    const runtime = new _DockerRuntime(options, await options.engine.info(signal));
    await runtime.#nodes.recover(signal);
    options.scope.spawn("docker events", (scopeSignal) => runtime.#follow(scopeSignal));
    options.scope.defer(() => {
      for (const node of runtime.#nodes.all()) node.stopped();
    });
    return runtime;
  }
  async ensureNode(spec, signal) {
    const machine = await this.#nodes.ensure(
      spec,
      async (node, running) => {
        await Promise.all(
          running.map(async (sandbox) => {
            const found = await this.#engine.inspectContainer(sandbox.Id, signal);
            if (found?.State.Running) await this.#sandboxes.wire(node, found, signal);
          })
        );
      },
      signal
    );
    for (const sink of this.#resets) sink(spec.name);
    return machine;
  }
  async removeNode(name, signal) {
    const containers = await this.#nodes.podContainers(name, signal);
    await Promise.all(containers.map((c) => this.#engine.removeContainer(c.Id, signal)));
    const node = this.#nodes.find(name);
    const roots = [diskRoot, memoryRoot].map((root) => `${root}/${this.#cluster}/${name}/*`);
    if (node?.runs) await node.files.run(`rm -rf ${roots.join(" ")}`, signal).catch(() => void 0);
    await this.#engine.removeContainer(nodeContainerName(this.#cluster, name), signal);
    this.#nodes.forget(name);
  }
  async list(nodeName, signal) {
    const summaries = await this.#nodes.podContainers(nodeName, signal);
    const found = await Promise.all(summaries.map((c) => this.#engine.inspectContainer(c.Id, signal)));
    const roleOf = /* @__PURE__ */ __name((c) => c?.Config.Labels?.[label.role], "roleOf");
    const sandboxes = found.filter((c) => c && roleOf(c) === "sandbox").map((c) => c);
    const states = /* @__PURE__ */ new Map();
    await Promise.all(
      found.map(async (c) => {
        if (!c || roleOf(c) !== "container") return;
        const state = await this.#containers.inspect(c.Id, signal);
        const uid = c.Config.Labels?.[label.podUid] ?? "";
        states.set(uid, [...states.get(uid) ?? [], state ?? containerState(c, "")]);
      })
    );
    const attempt = /* @__PURE__ */ __name((c) => Number(c.Config.Labels?.[label.attempt] ?? 0), "attempt");
    sandboxes.sort((a, b) => attempt(b) - attempt(a));
    return sandboxes.map((c) => {
      const uid = c.Config.Labels?.[label.podUid] ?? "";
      const own = states.get(uid) ?? [];
      states.delete(uid);
      return sandboxState(
        c,
        own.sort((a, b) => a.createdAt - b.createdAt)
      );
    });
  }
  /** A node's own address on the cluster network. */
  nodeAddress(name) {
    return this.#nodes.get(name).address;
  }
  events(sink) {
    this.#sinks.add(sink);
    return () => void this.#sinks.delete(sink);
  }
  startSandbox(spec, signal) {
    return this.#sandboxes.start(spec, signal);
  }
  stopSandbox(node, sandboxId, signal) {
    return this.#sandboxes.stop(node, sandboxId, signal);
  }
  removeSandbox(node, sandboxId, signal) {
    return this.#sandboxes.remove(node, sandboxId, signal);
  }
  startContainer(spec, signal) {
    return this.#containers.start(spec, signal);
  }
  stopContainer(_node, id, graceSeconds, signal) {
    return this.#containers.stop(id, graceSeconds, signal);
  }
  removeContainer(_node, id, signal) {
    return this.#engine.removeContainer(id, signal);
  }
  inspect(_node, id, signal) {
    return this.#containers.inspect(id, signal);
  }
  exec(node, id, options, signal) {
    return execIn(this.#engine, this.#options.clock, this.#nodes.get(node), id, options, signal);
  }
  async attach(_node, id, options, signal) {
    const found = await this.#containers.find(id, signal);
    return attachTo(
      this.#engine,
      id,
      { tty: found.Config.Tty, replay: found.Config.StdinOnce === true },
      options,
      signal
    );
  }
  logs(_node, id, options, signal) {
    return containerLogs(this.#engine, this.#options.clock, id, options, signal);
  }
  async stats(nodeName, signal) {
    const containers = await this.#nodes.podContainers(nodeName, signal);
    const { driver, cluster } = { driver: this.#cgroupDriver, cluster: this.#cluster };
    const groups = containers.filter((c) => c.State === "running" && c.Labels[label.role] === "container").map((c) => ({
      container: c,
      path: cgroupPath(driver, cgroupParent(driver, cluster, nodeName, c.Labels[label.podUid] ?? ""), c.Id)
    }));
    if (groups.length === 0) return [];
    const output = await this.#nodes.get(nodeName).files.run(statsScript(groups.map((g) => g.path)), signal);
    return parseStats(
      output,
      groups.map((g) => g.container),
      this.#options.clock.wall()
    );
  }
  files(node, podUid) {
    const folder = /* @__PURE__ */ __name((root) => podFolder(root, this.#cluster, node, podUid), "folder");
    const removeVolumes = /* @__PURE__ */ __name(async () => {
      const volumes = await this.#engine.listVolumes({ label: [`${label.podUid}=${podUid}`] });
      await Promise.all(volumes.map(({ Name }) => this.#engine.removeVolume(Name)));
    }, "removeVolumes");
    return new DockerPodFiles(() => this.#nodes.get(node).files, folder(diskRoot), folder(memoryRoot), removeVolumes);
  }
  dial(target, signal) {
    return this.#dialer.dial(target, signal);
  }
  async apply(node, script, signal) {
    await this.#nodes.get(node).net.run(`/sbin/nft -f - <<'END'
${script}
END`, signal);
  }
  async forgetUdp(node, flows, signal) {
    await this.#nodes.get(node).net.run(forgetUdp(flows), signal);
  }
  onReset(sink) {
    this.#resets.add(sink);
    return () => void this.#resets.delete(sink);
  }
  /**
   * The address at which pods reach this process, tried from a node that runs, with the API server and the DNS
   * listening as `planReach` says. Throws `HostUnreachable`.
   */
  async probeHost(nodeName, plan, ports, signal) {
    const { net } = this.#nodes.get(nodeName);
    const address = plan.address ?? (await net.run(lookupHost, signal)).trim();
    if (!address) throw new HostUnreachable(hostName, "the engine does not offer that name");
    const blocked = (await net.run(probeReach(address, ports), signal)).trim();
    const failed = blocked.split("\n").filter((line) => /^(TCP|UDP) \d+$/.test(line));
    if (failed.length > 0) throw new HostUnreachable(address, failed.join(", "));
    return reachOf(plan, address, ports);
  }
  get #cluster() {
    return this.#options.cluster.name;
  }
  async #follow(signal) {
    const { clock, log, network } = this.#options;
    const nodeOf = /* @__PURE__ */ __name((id) => this.#nodes.all().find((node) => node.runs && node.running.id === id)?.name, "nodeOf");
    const lookup = { cluster: this.#cluster, network: network.name, nodeOf };
    const sink = {
      event: /* @__PURE__ */ __name((event) => {
        const meaning = runtimeEvent(event, lookup);
        if (meaning) this.#heard(meaning);
      }, "event"),
      connected: /* @__PURE__ */ __name(() => this.#emit({ type: "resync" }), "connected"),
      broken: /* @__PURE__ */ __name((error) => log.warn("the event stream of the engine broke", { error }), "broken")
    };
    await followEvents(this.#engine, { type: ["container", "network"] }, sink, clock, signal);
  }
  /** What runs on a node shares its fate before anybody hears of it. */
  #heard(event) {
    const fate = event.type === "node" && this.#fates[event.what];
    if (!fate) {
      this.#emit(event);
      return;
    }
    this.#options.scope.spawn(`node ${event.what}`, async () => {
      await fate(event.node);
      this.#emit(event);
    });
  }
  #fates = {
    stopped: /* @__PURE__ */ __name((node) => this.#nodes.lostPower(node), "stopped"),
    paused: /* @__PURE__ */ __name((node) => this.#nodes.pauseAll(node, true), "paused"),
    unpaused: /* @__PURE__ */ __name((node) => this.#nodes.pauseAll(node, false), "unpaused")
  };
  #emit(event) {
    for (const sink of this.#sinks) sink(event);
  }
};
export {
  DockerRuntime
};
