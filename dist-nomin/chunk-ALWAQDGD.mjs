import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  badRequest
} from "./chunk-5TSATVZO.mjs";
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/runtimes/simulated/runtime.ts
import { createHash } from "node:crypto";

// src/runtimes/simulated/address-pool.ts
var AddressPool = class {
  static {
    __name(this, "AddressPool");
  }
  #base;
  #size;
  #taken = /* @__PURE__ */ new Set();
  #next = 1;
  /** `cidr` like "10.244.1.0/24". Throws on anything else. */
  constructor(cidr) {
    const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr);
    if (!match) throw new Error(`not an IPv4 range: ${cidr}`);
    const [a, b, c, d, bits] = match.slice(1).map(Number);
    this.#base = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
    this.#size = 2 ** (32 - bits);
  }
  /** A free address, or undefined when there is none. Network and broadcast addresses are never given. */
  take() {
    for (let tried = 1; tried < this.#size - 1; tried++) {
      const offset = this.#next;
      this.#next = this.#next % (this.#size - 2) + 1;
      if (this.#taken.has(offset)) continue;
      this.#taken.add(offset);
      return text(this.#base + offset);
    }
    return void 0;
  }
  /** Marks an address as in use; one outside the range is no business of the pool. */
  claim(address) {
    const offset = number(address) - this.#base;
    if (offset > 0 && offset < this.#size) this.#taken.add(offset);
  }
  give(address) {
    this.#taken.delete(number(address) - this.#base);
  }
};
var text = /* @__PURE__ */ __name((n) => [n >>> 24, n >>> 16 & 255, n >>> 8 & 255, n & 255].join("."), "text");
var number = /* @__PURE__ */ __name((address) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0), "number");

// src/runtimes/simulated/no-files.ts
var nothing = /* @__PURE__ */ __name(async () => void 0, "nothing");
var noFiles = {
  path: /* @__PURE__ */ __name((relative) => `/nonexistent/${relative}`, "path"),
  memoryPath: /* @__PURE__ */ __name((relative) => `/nonexistent/${relative}`, "memoryPath"),
  ensureFolder: nothing,
  writeVolume: nothing,
  writeFile: nothing,
  subPath: /* @__PURE__ */ __name(async (path, relative) => `${path}/${relative}`, "subPath"),
  checkHostPath: nothing,
  removeAll: nothing
};

// src/runtimes/simulated/runtime.ts
var defaultTemplate = {
  capacity: {
    cpu: "32",
    memory: "256Gi",
    "ephemeral-storage": "1Ti",
    "hugepages-1Gi": "0",
    "hugepages-2Mi": "0",
    pods: "110"
  },
  architecture: "amd64"
};
var SimulatedRuntime = class {
  static {
    __name(this, "SimulatedRuntime");
  }
  name = "simulated";
  containerRuntimeVersion = "simulated://1.0.0";
  runsProcesses = false;
  images;
  #clock;
  #template;
  #nodes = /* @__PURE__ */ new Map();
  constructor(options) {
    this.#clock = options.clock;
    this.#template = options.template ?? defaultTemplate;
    this.images = { find: imageOf, pull: imageOf, list: /* @__PURE__ */ __name(async () => [], "list") };
  }
  async ensureNode(spec) {
    const known = this.#nodes.get(spec.name);
    if (known) return known.machine;
    const pool = new AddressPool(spec.podCIDR);
    const machine = this.#machine(spec.name, pool.take() ?? "");
    this.#nodes.set(spec.name, { machine, pool, sandboxes: /* @__PURE__ */ new Map() });
    return machine;
  }
  async removeNode(name) {
    this.#nodes.delete(name);
  }
  async list(node) {
    return [...this.#nodes.get(node)?.sandboxes.values() ?? []].map(stateOf);
  }
  restore(state) {
    const node = this.#nodes.get(state.node);
    if (!node || node.sandboxes.has(state.id)) return;
    node.pool.claim(state.address);
    const { id, address, createdAt, running } = state;
    const containers = new Map(state.containers.map((container) => [container.id, container]));
    const { node: name, pod, attempt } = state;
    node.sandboxes.set(id, { node: name, pod, attempt, id, address, createdAt, running, containers });
  }
  /** Nothing ever happens by itself. */
  events(_sink) {
    return () => void 0;
  }
  async startSandbox(spec) {
    const node = this.#node(spec.node);
    const id = `${spec.pod.uid}-${spec.attempt}`;
    const known = node.sandboxes.get(id);
    if (known) return stateOf(known);
    const address = spec.hostNetwork ? "" : node.pool.take();
    if (address === void 0) throw new Error(`no free address on simulated node ${spec.node}`);
    const { node: name, pod, attempt } = spec;
    const createdAt = this.#clock.wall();
    const sandbox = { node: name, pod, attempt, id, address, createdAt, running: true, containers: /* @__PURE__ */ new Map() };
    node.sandboxes.set(id, sandbox);
    return stateOf(sandbox);
  }
  async stopSandbox(nodeName, sandboxId) {
    const node = this.#node(nodeName);
    const sandbox = node.sandboxes.get(sandboxId);
    if (!sandbox?.running) return;
    for (const id of sandbox.containers.keys()) this.#end(sandbox, id, 137);
    sandbox.running = false;
    node.pool.give(sandbox.address);
  }
  async removeSandbox(nodeName, sandboxId) {
    await this.stopSandbox(nodeName, sandboxId);
    this.#node(nodeName).sandboxes.delete(sandboxId);
  }
  async startContainer(spec) {
    const sandbox = this.#node(spec.node).sandboxes.get(spec.sandboxId);
    if (!sandbox) throw new Error(`sandbox ${spec.sandboxId} does not exist`);
    const id = `${spec.sandboxId}-${spec.name}-${spec.attempt}`;
    const known = sandbox.containers.get(id);
    if (known) return known;
    const now = this.#clock.wall();
    const state = {
      id,
      name: spec.name,
      attempt: spec.attempt,
      image: spec.labels.image ?? spec.image,
      imageId: spec.image,
      labels: spec.labels,
      status: "running",
      createdAt: now,
      startedAt: now,
      finishedAt: 0,
      exitCode: 0,
      oomKilled: false,
      error: "",
      terminationMessage: ""
    };
    sandbox.containers.set(id, state);
    return state;
  }
  /** A simulated process ends at once, and by the signal it was sent. */
  async stopContainer(node, containerId) {
    const sandbox = this.#sandboxOf(node, containerId);
    if (!sandbox) throw new Error(`container ${containerId} does not exist`);
    return this.#end(sandbox, containerId, 0);
  }
  async removeContainer(node, containerId) {
    this.#sandboxOf(node, containerId)?.containers.delete(containerId);
  }
  async inspect(node, containerId) {
    return this.#sandboxOf(node, containerId)?.containers.get(containerId);
  }
  async exec(node) {
    throw badRequest(`node "${node}" is simulated: its containers run no processes, so exec is not possible`);
  }
  async attach(node) {
    throw badRequest(`node "${node}" is simulated: its containers run no processes, so attach is not possible`);
  }
  async logs(node) {
    throw badRequest(`node "${node}" is simulated: its containers run no processes and write no logs`);
  }
  async stats() {
    return [];
  }
  async dial(target) {
    throw badRequest(`node "${target.node}" is simulated: nothing listens in its pods`);
  }
  files() {
    return noFiles;
  }
  #node(name) {
    const node = this.#nodes.get(name);
    if (!node) throw new Error(`simulated node ${name} does not exist`);
    return node;
  }
  /** Ids start with the sandbox's: "<uid>-<attempt>-<name>-<attempt>". */
  #sandboxOf(node, containerId) {
    const sandboxes = this.#nodes.get(node)?.sandboxes;
    const uidEnd = 36;
    const end = containerId.indexOf("-", uidEnd + 1);
    return sandboxes?.get(containerId.slice(0, end));
  }
  #end(sandbox, id, exitCode) {
    const state = sandbox.containers.get(id);
    if (!state) throw new Error(`container ${id} does not exist`);
    if (state.status === "exited") return state;
    const ended = { ...state, status: "exited", finishedAt: this.#clock.wall(), exitCode };
    sandbox.containers.set(id, ended);
    return ended;
  }
  #machine(name, address) {
    const { capacity, architecture } = this.#template;
    const hash = createHash("md5").update(name).digest("hex");
    return {
      name,
      addresses: [
        { type: "InternalIP", address },
        { type: "Hostname", address: name }
      ],
      capacity,
      allocatable: capacity,
      info: {
        machineID: hash,
        systemUUID: `${hash.slice(0, 8)}-${hash.slice(8, 12)}-${hash.slice(12, 16)}-${hash.slice(16, 20)}-${hash.slice(20)}`,
        bootID: hash,
        kernelVersion: "simulated",
        osImage: "krill simulated node",
        architecture,
        operatingSystem: "linux"
      },
      bootId: name
    };
  }
};
async function imageOf(reference) {
  return { id: reference, names: [reference], sizeBytes: 0, user: "", entrypoint: [], command: [] };
}
__name(imageOf, "imageOf");
function stateOf(sandbox) {
  return {
    id: sandbox.id,
    node: sandbox.node,
    pod: sandbox.pod,
    attempt: sandbox.attempt,
    running: sandbox.running,
    address: sandbox.address,
    createdAt: sandbox.createdAt,
    containers: [...sandbox.containers.values()]
  };
}
__name(stateOf, "stateOf");
export {
  SimulatedRuntime,
  defaultTemplate
};
