import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/runtimes/docker/names.ts
var label = {
  cluster: "krill.cluster",
  /** Tells a cluster from an earlier one of the same name. */
  clusterUid: "krill.cluster-uid",
  role: "krill.role",
  node: "krill.node",
  podCIDR: "krill.pod-cidr",
  /** A node's address on the cluster network, or a pod's in its node's range. */
  address: "krill.address",
  podNamespace: "krill.pod.namespace",
  podName: "krill.pod.name",
  podUid: "krill.pod.uid",
  container: "krill.container",
  attempt: "krill.attempt",
  /** "pod" or "node": whose network namespace the pod uses. */
  network: "krill.network",
  /** "pod", "node" or "" (each container its own): whose process ids the containers see. */
  processes: "krill.processes",
  ipc: "krill.ipc",
  hostPorts: "krill.host-ports",
  /** Of the pod's network namespace, as JSON. */
  sysctls: "krill.sysctls",
  /** Labels of the caller, as JSON. */
  own: "krill.own"
};
var networkName = /* @__PURE__ */ __name((cluster) => `krill-${cluster}`, "networkName");
var nodeContainerName = /* @__PURE__ */ __name((cluster, node) => `krill_${cluster}_node_${node}`, "nodeContainerName");
var sandboxName = /* @__PURE__ */ __name((cluster, podUid, attempt) => `krill_${cluster}_${podUid}_POD_${attempt}`, "sandboxName");
var containerName = /* @__PURE__ */ __name((cluster, podUid, name, attempt) => `krill_${cluster}_${podUid}_${name}_${attempt}`, "containerName");
var volumeName = /* @__PURE__ */ __name((cluster, podUid, volume) => `krill_${cluster}_${podUid}_${volume}`, "volumeName");
function vethName(address) {
  return `kp${address.split(".").map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;
}
__name(vethName, "vethName");
function podMac(address) {
  return `02:4b:${address.split(".").map((part) => Number(part).toString(16).padStart(2, "0")).join(":")}`;
}
__name(podMac, "podMac");
function nodeLabels(cluster, node, role) {
  return { [label.cluster]: cluster.name, [label.clusterUid]: cluster.uid, [label.node]: node, [label.role]: role };
}
__name(nodeLabels, "nodeLabels");
function podLabels(cluster, node, role, pod) {
  return {
    ...nodeLabels(cluster, node, role),
    [label.podNamespace]: pod.namespace,
    [label.podName]: pod.name,
    [label.podUid]: pod.uid
  };
}
__name(podLabels, "podLabels");
function podOf(labels) {
  return {
    namespace: labels[label.podNamespace] ?? "",
    name: labels[label.podName] ?? "",
    uid: labels[label.podUid] ?? ""
  };
}
__name(podOf, "podOf");
var labelsOf = /* @__PURE__ */ __name((inspected) => inspected.Config.Labels ?? {}, "labelsOf");
var diskRoot = "/var/lib/krill";
var memoryRoot = "/dev/shm/krill";
var nodeFolder = /* @__PURE__ */ __name((root, cluster, node) => `${root}/${cluster}/${node}`, "nodeFolder");
var podFolder = /* @__PURE__ */ __name((root, cluster, node, podUid) => `${root}/${cluster}/${node}/pods/${podUid}`, "podFolder");
function cgroupParent(driver, cluster, node, podUid) {
  if (driver !== "systemd") return `/krill/${cluster}/${node}/${podUid}`;
  const flat = /* @__PURE__ */ __name((text) => text.replaceAll("-", "_"), "flat");
  return `krill-${flat(cluster)}-${flat(node)}-${flat(podUid)}.slice`;
}
__name(cgroupParent, "cgroupParent");
function cgroupFolder(driver, parent) {
  if (driver !== "systemd") return parent;
  const parts = parent.replace(/\.slice$/, "").split("-");
  return `/${parts.map((_, index) => `${parts.slice(0, index + 1).join("-")}.slice`).join("/")}`;
}
__name(cgroupFolder, "cgroupFolder");
function cgroupPath(driver, parent, containerId) {
  const folder = cgroupFolder(driver, parent);
  return driver === "systemd" ? `${folder}/docker-${containerId}.scope` : `${folder}/${containerId}`;
}
__name(cgroupPath, "cgroupPath");

// src/runtimes/docker/subnets.ts
function toNumber(address) {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}
__name(toNumber, "toNumber");
function toAddress(value) {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}
__name(toAddress, "toAddress");
function rangeOf(cidr) {
  const [address = "", bits = "32"] = cidr.split("/");
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(toNumber(address) / size) * size;
  return { first, last: first + size - 1 };
}
__name(rangeOf, "rangeOf");
var overlaps = /* @__PURE__ */ __name((a, b) => a.first <= b.last && b.first <= a.last, "overlaps");
function* candidates(kind) {
  if (kind === "nodes") {
    for (let third = 0; third < 256; third++) yield `172.30.${third}.0/24`;
    for (let third = 0; third < 256; third++) yield `192.168.${third}.0/24`;
    for (let third = 0; third < 256; third++) yield `10.239.${third}.0/24`;
    return;
  }
  const favourite = kind === "pods" ? 244 : 96;
  yield `10.${favourite}.0.0/16`;
  for (let second = 64; second < 255; second++) if (second !== favourite) yield `10.${second}.0.0/16`;
}
__name(candidates, "candidates");
function chooseSubnets(taken, given = {}) {
  const used = taken.map(rangeOf);
  const pick = /* @__PURE__ */ __name((kind) => {
    const fixed = given[kind];
    for (const cidr of fixed ? [fixed] : candidates(kind)) {
      const range = rangeOf(cidr);
      if (!fixed && used.some((other) => overlaps(other, range))) continue;
      used.push(range);
      return cidr;
    }
    throw new Error(`no free address range for ${kind}: the host's routes and Docker's networks take them all`);
  }, "pick");
  return { nodes: pick("nodes"), pods: pick("pods"), services: pick("services") };
}
__name(chooseSubnets, "chooseSubnets");
function parseRoutes(table) {
  const found = [];
  for (const line of table.split("\n").slice(1)) {
    const [, destination, , , , , , mask] = line.trim().split(/\s+/);
    if (!destination || !mask || mask === "00000000") continue;
    const bits = Number.parseInt(mask, 16).toString(2).replaceAll("0", "").length;
    const bytes = [6, 4, 2, 0].map((at) => Number.parseInt(destination.slice(at, at + 2), 16));
    found.push(`${bytes.join(".")}/${bits}`);
  }
  return found;
}
__name(parseRoutes, "parseRoutes");
var AddressPool = class {
  static {
    __name(this, "AddressPool");
  }
  #range;
  #holders = /* @__PURE__ */ new Map();
  #next;
  /** `reserved` addresses at the start (network, gateway) and the last (broadcast) are never given. */
  constructor(cidr, reserved) {
    const range = rangeOf(cidr);
    this.#range = { first: range.first + reserved, last: range.last - 1 };
    this.#next = this.#range.first;
  }
  /** Marks an address found in use, or names the holder of one that was given. */
  take(address, holder) {
    this.#holders.set(toNumber(address), holder);
  }
  holder(address) {
    return this.#holders.get(toNumber(address));
  }
  allocate(holder) {
    const size = this.#range.last - this.#range.first + 1;
    for (let step = 0; step < size; step++) {
      const value = this.#range.first + (this.#next - this.#range.first + step) % size;
      if (this.#holders.has(value)) continue;
      this.#holders.set(value, holder);
      this.#next = value + 1 > this.#range.last ? this.#range.first : value + 1;
      return toAddress(value);
    }
    throw new Error(`no address left in ${toAddress(this.#range.first)}-${toAddress(this.#range.last)}`);
  }
  /** Frees an address if this is (still) its holder; says whether it was. */
  release(address, holder) {
    if (this.holder(address) !== holder) return false;
    return this.#holders.delete(toNumber(address));
  }
};

// src/runtimes/docker/shell.ts
var ScriptError = class extends Error {
  static {
    __name(this, "ScriptError");
  }
  code;
  constructor(code, output) {
    super(output.trim() || `the node's script ended with ${code}`);
    this.name = "ScriptError";
    this.code = code;
  }
};
var quote = /* @__PURE__ */ __name((word) => `'${word.replaceAll("'", "'\\''")}'`, "quote");
var NodeShell = class {
  static {
    __name(this, "NodeShell");
  }
  #engine;
  #container;
  #log;
  #queue = [];
  #process;
  #running;
  #output = [];
  #serial = 0;
  #closed = false;
  constructor(engine, container, log) {
    this.#engine = engine;
    this.#container = container;
    this.#log = log;
  }
  /** Runs a script; throws `ScriptError` when it fails. An aborted signal takes back a script that has not begun. */
  run(script, signal) {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#closed) return Promise.reject(new Error("the node is gone"));
    return new Promise((resolve, reject) => {
      const abort = /* @__PURE__ */ __name(() => {
        const at = this.#queue.indexOf(turn);
        if (at >= 0) this.#queue.splice(at, 1);
        reject(signal?.reason);
      }, "abort");
      const done = /* @__PURE__ */ __name(() => signal?.removeEventListener("abort", abort), "done");
      const turn = {
        script,
        resolve: /* @__PURE__ */ __name((output) => {
          done();
          resolve(output);
        }, "resolve"),
        reject: /* @__PURE__ */ __name((error) => {
          done();
          reject(error);
        }, "reject")
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#queue.push(turn);
      this.#next();
    });
  }
  /** Ends the shell; waiting scripts fail. */
  close() {
    this.#closed = true;
    this.#broke(new Error("the node is gone"));
  }
  #next() {
    if (this.#running) return;
    const turn = this.#queue.shift();
    if (!turn) return;
    this.#running = turn;
    this.#process ??= this.#open();
    this.#process.then(
      (process) => {
        if (this.#running !== turn) return;
        this.#output = [];
        this.#serial++;
        process.stdin?.write(`(
${turn.script}
) </dev/null 2>&1; printf '\\001%d %d\\001' ${this.#serial} $?
`);
      },
      (error) => this.#broke(error)
    );
  }
  async #open() {
    const command = ["/bin/sh", "-c", "export PATH=/sbin:/bin; exec /bin/sh"];
    const process = await this.#engine.exec(this.#container, { command, stdin: true, tty: false });
    const current = this.#process;
    const broke = /* @__PURE__ */ __name((error) => this.#process === current && this.#broke(error), "broke");
    process.stdout.on("data", (chunk) => this.#process === current && this.#read(chunk));
    process.stdout.on("error", broke);
    process.stdout.on("end", () => broke(new Error("the node's shell ended")));
    process.stderr?.on("error", () => void 0);
    process.stderr?.on("data", (chunk) => this.#log.debug("node shell says", { text: chunk.toString() }));
    process.stdin?.on("error", () => void 0);
    return process;
  }
  #read(chunk) {
    this.#output.push(chunk);
    if (chunk.at(-1) !== 1) return;
    const text = Buffer.concat(this.#output).toString();
    const mark = /\x01(\d+) (\d+)\x01$/.exec(text);
    if (!mark || Number(mark[1]) !== this.#serial || !this.#running) return;
    const turn = this.#running;
    this.#running = void 0;
    this.#output = [];
    const output = text.slice(0, mark.index);
    if (mark[2] === "0") turn.resolve(output);
    else turn.reject(new ScriptError(Number(mark[2]), output));
    this.#next();
  }
  #broke(error) {
    const process = this.#process;
    this.#process = void 0;
    const turn = this.#running;
    this.#running = void 0;
    process?.then(
      (p) => p.kill(),
      () => void 0
    );
    turn?.reject(error);
    if (this.#closed) for (const waiting of this.#queue.splice(0)) waiting.reject(error);
    else this.#next();
  }
};

// src/runtimes/docker/wiring.ts
var podGateway = "169.254.1.1";
var nodeMac = "ee:ee:ee:ee:ee:ee";
var nodeTable = "krill_node";
var hostRoot = "H=/proc/1/root; ls $H/ >/dev/null 2>&1 || H=/proc/2/root";
function programNode(self, peers, subnets, gateway) {
  const routes = peers.filter((peer) => peer.name !== self.name && peer.address && peer.podCIDR).map((peer) => `/sbin/ip route replace ${peer.podCIDR} via ${peer.address}`);
  return [
    "set -e",
    "cd /proc/sys/net/ipv4/conf",
    "echo 1 >../ip_forward",
    "for i in all default eth0; do [ -d $i ] || continue; echo 0 >$i/rp_filter; echo 0 >$i/send_redirects; done",
    `/sbin/nft -f - <<'END'`,
    nodeRules(subnets, gateway),
    hairpins(self.podCIDR),
    "END",
    // Addresses without a pod are refused at once instead of going round between node and gateway.
    `/sbin/ip route replace unreachable ${self.podCIDR} metric 4096`,
    ...routes
  ].join("\n");
}
__name(programNode, "programNode");
function nodeRules({ pods }, gateway) {
  return `table ip ${nodeTable}
delete table ip ${nodeTable}
table ip ${nodeTable} {
  map host_ports { type inet_proto . inet_service : ipv4_addr . inet_service; }
  map host_ports_at { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }
  map doors { type inet_service : ipv4_addr . inet_service; flags timeout; }
  set hairpin { type ipv4_addr . ipv4_addr; }
  chain published {
    dnat ip to ip daddr . meta l4proto . th dport map @host_ports_at
    dnat ip to meta l4proto . th dport map @host_ports
  }
  chain prerouting {
    type nat hook prerouting priority dstnat + 1; policy accept;
    ip saddr ${gateway} tcp dport 61000-65000 fib daddr type local dnat ip to tcp dport map @doors
    meta l4proto { tcp, udp, sctp } fib daddr type local goto published
  }
  chain output {
    type nat hook output priority -99; policy accept;
    meta l4proto { tcp, udp, sctp } fib daddr type local goto published
  }
  chain postrouting {
    type nat hook postrouting priority srcnat + 1; policy accept;
    ip saddr . ip daddr @hairpin masquerade
    ip saddr ${pods} ip daddr != ${pods} masquerade
  }
}`;
}
__name(nodeRules, "nodeRules");
function hairpins(podCIDR) {
  const { first, last } = rangeOf(podCIDR);
  const pairs = [];
  for (let value = first + 1; value < last && pairs.length < 1024; value++) {
    const address = toAddress(value);
    pairs.push(`${address} . ${address}`);
  }
  return `add element ip ${nodeTable} hairpin { ${pairs.join(", ")} }`;
}
__name(hairpins, "hairpins");
function published(port, address) {
  const key = `${port.protocol.toLowerCase()} . ${port.hostPort}`;
  const bound = port.hostIP !== "" && port.hostIP !== "0.0.0.0";
  return {
    map: bound ? "host_ports_at" : "host_ports",
    key: bound ? `${port.hostIP} . ${key}` : key,
    value: `${address} . ${port.containerPort}`
  };
}
__name(published, "published");
var element = /* @__PURE__ */ __name((verb, set, what) => `/sbin/nft '${verb} element ip ${nodeTable} ${set} { ${what} }'`, "element");
var check = /* @__PURE__ */ __name(({ pid, containerId }) => [
  `grep -q ${containerId} /proc/${pid}/cgroup || { echo 'container is gone'; exit 4; }`,
  "own=",
  "for try in $(seq 500); do",
  `  n=$(readlink /proc/${pid}/ns/net) || { echo 'container is gone'; exit 4; }`,
  "  own=1",
  '  for h in 1 2 self; do [ "$(readlink /proc/$h/ns/net)" != "$n" ] || own=; done',
  '  [ -z "$own" ] || break',
  "  usleep 2000",
  "done",
  `[ -n "$own" ] || { echo 'the sandbox has no network namespace of its own'; exit 5; }`
].join("\n"), "check");
function wirePod(anchor, address, mtu, ports, sysctls = {}) {
  const veth = vethName(address);
  const inside = `/sbin/nsenter -t ${anchor.pid} -n`;
  return [
    "set -e",
    check(anchor),
    `if [ -d /sys/class/net/${veth} ] && ${inside} /sbin/ip -o -4 addr show dev eth0 2>/dev/null | grep -q ' ${address}/'; then`,
    "  :",
    "else",
    `  [ ! -d /sys/class/net/${veth} ] || /sbin/ip link del ${veth} || true`,
    "  /sbin/ip -batch - <<END",
    `link add ${veth} mtu ${mtu} address ${nodeMac} type veth peer name eth0 mtu ${mtu} address ${podMac(address)} netns ${anchor.pid}`,
    `link set ${veth} up`,
    `route replace ${address}/32 dev ${veth}`,
    `neigh replace ${address} lladdr ${podMac(address)} dev ${veth} nud permanent`,
    "END",
    `  ${inside} /sbin/ip -batch - <<END`,
    "link set lo up",
    "link set eth0 up",
    `addr add ${address}/32 dev eth0`,
    `route add ${podGateway} dev eth0 scope link src ${address}`,
    `neigh add ${podGateway} lladdr ${nodeMac} dev eth0 nud permanent`,
    `route add default via ${podGateway} dev eth0 src ${address}`,
    "END",
    "fi",
    ...Object.entries(sysctls).map(([name, value]) => `${inside} /bin/sysctl -q -w ${quote(`${name}=${value}`)}`),
    ...ports.flatMap((port) => {
      const { map, key, value } = published(port, address);
      return [`${element("delete", map, key)} 2>/dev/null || true`, element("add", map, `${key} : ${value}`)];
    })
  ].join("\n");
}
__name(wirePod, "wirePod");
function unwirePod(address, ports) {
  return [
    `/sbin/ip link del ${vethName(address)} 2>/dev/null`,
    ...ports.map((port) => {
      const { map, key } = published(port, address);
      return `${element("get", map, key)} 2>/dev/null | grep -q ': ${address} ' && ${element("delete", map, key)} 2>/dev/null`;
    }),
    "true"
  ].join("\n");
}
__name(unwirePod, "unwirePod");
function openDoor(door, address, port, seconds) {
  return element("add", "doors", `${door} timeout ${seconds}s : ${address} . ${port}`);
}
__name(openDoor, "openDoor");
function forgetUdp(flows) {
  const commands = flows.map(({ address, port, backend }) => {
    const to = address ? ` --orig-dst ${address}` : "";
    const sent = backend ? ` --reply-src ${backend}` : "";
    return `/sbin/conntrack -D -p udp${to} --orig-port-dst ${port}${sent} 2>/dev/null`;
  });
  return [...commands, "true"].join("\n");
}
__name(forgetUdp, "forgetUdp");

export {
  label,
  networkName,
  nodeContainerName,
  sandboxName,
  containerName,
  volumeName,
  nodeLabels,
  podLabels,
  podOf,
  labelsOf,
  diskRoot,
  memoryRoot,
  nodeFolder,
  podFolder,
  cgroupParent,
  cgroupFolder,
  cgroupPath,
  ScriptError,
  quote,
  NodeShell,
  toAddress,
  rangeOf,
  chooseSubnets,
  parseRoutes,
  AddressPool,
  hostRoot,
  programNode,
  wirePod,
  unwirePod,
  openDoor,
  forgetUdp
};
