import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  LockBusy,
  allFolders,
  dataFolder,
  existingFolder,
  livePid,
  readMessages,
  readReport,
  startServer,
  stopServer,
  withFileLock
} from "./chunk-QA32RQLC.mjs";
import "./chunk-37EYYX6M.mjs";
import {
  CliError
} from "./chunk-LPKV7UGH.mjs";
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/cli/run.ts
import { MessageChannel } from "node:worker_threads";

// src/cli/command-lock.ts
async function withCommandLock(folder, { clock }, work) {
  try {
    return await withFileLock(folder.lock, { clock, waitMs: 12e4, staleMs: 1e4 }, work);
  } catch (error) {
    if (!(error instanceof LockBusy)) throw error;
    throw new CliError(
      `another krill command is busy with cluster ${folder.name}`,
      "it was started two minutes ago or earlier and has not ended",
      `krill status ${folder.name}`
    );
  }
}
__name(withCommandLock, "withCommandLock");

// src/cli/kubeconfig.ts
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync
} from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
var contextName = /* @__PURE__ */ __name((cluster) => `krill-${cluster}`, "contextName");
var editor = /* @__PURE__ */ __name(() => import("./chunk-CJG33GSI.mjs"), "editor");
var base64 = /* @__PURE__ */ __name((text) => Buffer.from(text).toString("base64"), "base64");
var lists = ["clusters", "users", "contexts"];
function entriesOf(cluster, access) {
  const name = contextName(cluster);
  return {
    clusters: { name, cluster: { server: access.url, "certificate-authority-data": base64(access.caPem) } },
    users: {
      name,
      user: { "client-certificate-data": base64(access.certPem), "client-key-data": base64(access.keyPem) }
    },
    contexts: { name, context: { cluster: name, user: name } }
  };
}
__name(entriesOf, "entriesOf");
function kubeconfigText(cluster, access) {
  const { clusters, users, contexts } = entriesOf(cluster, access);
  const block = /* @__PURE__ */ __name((value) => Object.entries(value).map(([key, text]) => `    ${key}: ${text}
`).join(""), "block");
  return `apiVersion: v1
kind: Config
clusters:
- name: ${clusters.name}
  cluster:
${block(clusters.cluster)}users:
- name: ${users.name}
  user:
${block(users.user)}contexts:
- name: ${contexts.name}
  context:
${block(contexts.context)}current-context: ${contexts.name}
`;
}
__name(kubeconfigText, "kubeconfigText");
function kubeconfigPaths(env) {
  const listed = (env["KUBECONFIG"] ?? "").split(delimiter).filter((path) => path !== "");
  return listed.length > 0 ? listed : [join(env["HOME"] || homedir(), ".kube", "config")];
}
__name(kubeconfigPaths, "kubeconfigPaths");
async function mergeKubeconfig(env, clock, cluster, access) {
  const path = kubeconfigPaths(env)[0];
  await change(path, clock, async (text) => {
    if (text.trim() === "") return kubeconfigText(cluster, access);
    const { KubeconfigDocument } = await editor();
    const document = new KubeconfigDocument(path, text);
    const entries = entriesOf(cluster, access);
    for (const list of lists) document.put(list, entries[list]);
    document.currentContext = contextName(cluster);
    return document.toString();
  });
  return path;
}
__name(mergeKubeconfig, "mergeKubeconfig");
async function removeFromKubeconfig(env, clock, cluster) {
  const name = contextName(cluster);
  for (const path of kubeconfigPaths(env)) {
    if (!existsSync(path) || !readFileSync(path, "utf8").includes(name)) continue;
    await change(path, clock, async (text) => {
      const { KubeconfigDocument } = await editor();
      const document = new KubeconfigDocument(path, text);
      for (const list of lists) document.drop(list, name);
      if (document.currentContext === name) document.currentContext = "";
      return document.toString();
    });
  }
}
__name(removeFromKubeconfig, "removeFromKubeconfig");
async function change(path, clock, edit) {
  mkdirSync(dirname(path), { recursive: true, mode: 448 });
  await withFileLock(`${path}.lock`, { clock, waitMs: 1e4, staleMs: 1e4 }, async () => {
    const existing = existsSync(path);
    const target = existing ? realpathSync(path) : path;
    const before = existing ? readFileSync(target, "utf8") : "";
    const after = await edit(before);
    if (after === before) return;
    const mode = existing ? statSync(target).mode & 511 : 384;
    if (existing) copyFileSync(target, `${target}.krill-backup`);
    const draft = `${target}.krill-${process.pid}`;
    writeFileSync(draft, after, { mode });
    renameSync(draft, target);
  });
}
__name(change, "change");

// src/cli/output.ts
function printJson(out, value) {
  out.write(`${JSON.stringify(value, null, 2)}
`);
}
__name(printJson, "printJson");
function printTable(out, headings, rows) {
  const widths = headings.map((heading, i) => Math.max(heading.length, ...rows.map((row) => row[i].length)));
  for (const row of [headings, ...rows]) {
    out.write(
      `${row.map((cell, i) => cell.padEnd(widths[i])).join("   ").trimEnd()}
`
    );
  }
}
__name(printTable, "printTable");
function printFields(out, fields) {
  const width = Math.max(...fields.map(([name]) => name.length));
  for (const [name, value] of fields) out.write(`${name.padEnd(width)}   ${value}
`);
}
__name(printFields, "printFields");

// src/cli/commands/delete.ts
var deleteCommand = {
  name: "delete",
  summary: "removes a cluster with its containers, networks, files and kubeconfig entry",
  takesName: true,
  options: [],
  async run({ world, name, format }) {
    const folder = dataFolder(world.env, name);
    const existed = folder.exists();
    if (existed) {
      await withCommandLock(folder, world, async () => {
        await stopServer(folder, world.clock);
        await removeMachines(name, folder.path, world);
        await folder.remove();
      });
    }
    await removeFromKubeconfig(world.env, world.clock, name);
    if (format === "json") printJson(world.out, { name, deleted: existed });
    else world.out.write(existed ? `Deleted cluster ${name}.
` : `There is no cluster ${name}.
`);
    return 0;
  }
};
async function removeMachines(name, dataDir, { loadRemove, clock }) {
  const { removeCluster } = await loadRemove();
  try {
    await removeCluster({ name, dataDir, clock });
  } catch (error) {
    throw new CliError(
      `the containers of cluster ${name} could not be removed: ${error.message}`,
      "Docker is not running, or this user may not talk to it; nothing else was removed",
      `start Docker, then krill delete ${name}`
    );
  }
}
__name(removeMachines, "removeMachines");

// src/cli/commands/down.ts
var downCommand = {
  name: "down",
  summary: "stops a cluster; everything is kept, and its containers run on",
  takesName: true,
  options: [],
  async run({ world, name, format }) {
    const folder = existingFolder(world.env, name);
    const stopped = await withCommandLock(folder, world, () => stopServer(folder, world.clock));
    if (format === "json") printJson(world.out, { name, stopped });
    else world.out.write(stopped ? `Stopped cluster ${name}.
` : `Cluster ${name} was not running.
`);
    return 0;
  }
};

// src/cli/cluster-view.ts
async function viewCluster(folder, clock) {
  const settings = folder.settings();
  const known = { name: folder.name, ...settings && { settings } };
  const report = await readReport(folder.path, clock);
  if (report) return { ...known, state: report.ready ? "ready" : "running", report };
  const alive = [folder.supervisorPid, folder.serverPid].some((file) => livePid(file, folder) !== void 0);
  return { ...known, state: alive ? "starting" : "stopped" };
}
__name(viewCluster, "viewCluster");

// src/cli/commands/kubeconfig.ts
var kubeconfigCommand = {
  name: "kubeconfig",
  summary: "prints a kubeconfig for a running cluster",
  takesName: true,
  options: [],
  async run({ world, name, format }) {
    const { report, state } = await viewCluster(existingFolder(world.env, name), world.clock);
    if (!report) throw new CliError(`cluster ${name} is ${state}`, void 0, `krill up ${name}`);
    const text = kubeconfigText(name, report.access);
    if (format === "json")
      printJson(world.out, { name, context: contextName(name), url: report.url, kubeconfig: text });
    else world.out.write(text);
    return 0;
  }
};

// src/cli/commands/list.ts
var listCommand = {
  name: "list",
  summary: "lists the clusters of this user",
  takesName: false,
  options: [],
  async run({ world, format }) {
    const views = await Promise.all(allFolders(world.env).map((folder) => viewCluster(folder, world.clock)));
    const rows = views.map(({ name, state, settings, report }) => ({
      name,
      state,
      runtime: settings?.runtime ?? "",
      nodes: settings?.nodes ?? 0,
      url: report?.url ?? (settings ? `https://127.0.0.1:${settings.port}` : "")
    }));
    if (format === "json") printJson(world.out, rows);
    else if (rows.length === 0) world.out.write("No clusters. Make one: krill up\n");
    else {
      printTable(
        world.out,
        ["NAME", "STATE", "RUNTIME", "NODES", "URL"],
        rows.map((row) => [row.name, row.state, row.runtime, String(row.nodes), row.url])
      );
    }
    return 0;
  }
};

// src/cli/commands/logs.ts
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
var interval = 200;
var logsCommand = {
  name: "logs",
  summary: "prints the server's own log",
  takesName: true,
  options: [
    ["-f, --follow", "go on printing what is added"],
    ["-n, --lines <number>", "how many of the last lines to print (100)"]
  ],
  async run({ world, name, options, format }) {
    const folder = existingFolder(world.env, name);
    const show = /* @__PURE__ */ __name((line) => world.out.write(`${format === "json" ? line : readable(line)}
`), "show");
    for (const line of folder.logTail(Number(options["lines"] ?? 100))) show(line);
    if (!options["follow"]) return 0;
    const file = openSync(folder.log, "r");
    try {
      const buffer = Buffer.alloc(64 * 1024);
      let rest = "";
      let position = fstatSync(file).size;
      for (; ; ) {
        const count = readSync(file, buffer, 0, buffer.length, position);
        position += count;
        const lines = (rest + buffer.toString("utf8", 0, count)).split("\n");
        rest = lines.pop();
        lines.forEach(show);
        if (count === 0) await world.clock.sleep(interval);
      }
    } finally {
      closeSync(file);
    }
  }
};
function readable(line) {
  try {
    const { time, level, msg, ...fields } = JSON.parse(line);
    const rest = Object.entries(fields).map(
      ([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`
    );
    return [
      time ?? "",
      String(level ?? "info").toUpperCase().padEnd(5),
      msg,
      ...rest
    ].join(" ").trim();
  } catch {
    return line;
  }
}
__name(readable, "readable");

// src/cli/commands/serve.ts
var serveCommand = {
  name: "serve",
  summary: "runs a cluster in the foreground",
  takesName: true,
  hidden: true,
  options: [
    ["--data <folder>", "the data folder"],
    ["--nodes <number>", "how many nodes"],
    ["--runtime <kind>", "docker, simulated or auto"],
    ["--port <number>", "the API server's port"]
  ],
  async run({ world, name, options }) {
    const { serve } = await import("./chunk-VUTHZAZH.mjs");
    return serve(world, {
      name,
      dataDir: String(options["data"]),
      nodes: Number(options["nodes"] ?? 1),
      runtime: String(options["runtime"] ?? "auto"),
      port: Number(options["port"] ?? 0)
    });
  }
};

// src/cli/commands/status.ts
var statusCommand = {
  name: "status",
  summary: "says how a cluster is; the exit code is 0 only when it runs",
  takesName: true,
  options: [],
  async run({ world, name, format }) {
    const folder = existingFolder(world.env, name);
    const { state, report, settings } = await viewCluster(folder, world.clock);
    const code = state === "running" || state === "ready" ? 0 : 3;
    if (format === "json") {
      const { access: _access, ...shown } = report ?? {};
      printJson(world.out, { name, state, context: contextName(name), dataFolder: folder.path, ...settings, ...shown });
      return code;
    }
    const fields = [
      ["cluster", name],
      ["state", state]
    ];
    if (settings) fields.push(["runtime", settings.runtime]);
    if (report) {
      fields.push(["address", report.url], ["process", String(report.pid)], ["version", report.version]);
      const ready = report.nodes.filter((node) => node.ready).length;
      fields.push(["nodes", `${ready} of ${settings?.nodes ?? report.nodes.length} Ready`]);
      if (report.hostReach) fields.push(["pods reach it by", report.hostReach]);
    }
    fields.push(["context", contextName(name)], ["data folder", folder.path]);
    printFields(world.out, fields);
    return code;
  }
};

// src/cli/steps.ts
import { styleText } from "node:util";
var StepList = class {
  static {
    __name(this, "StepList");
  }
  #out;
  #fancy;
  constructor(out, env) {
    this.#out = out;
    this.#fancy = out.isTTY === true && !env["NO_COLOR"] && env["TERM"] !== "dumb";
  }
  /** One step that has ended; `at` is when, in milliseconds since the command began. */
  done(name, at) {
    const time = `${(at / 1e3).toFixed(2)} s`;
    if (this.#fancy) {
      const style = { validateStream: false };
      this.#out.write(` ${styleText("green", "\u2713", style)} ${name.padEnd(36)} ${styleText("dim", time, style)}
`);
    } else this.#out.write(`${name} (${time})
`);
  }
  /** A remark between the steps. */
  note(text) {
    this.#out.write(this.#fancy ? `   ${text}
` : `${text}
`);
  }
};

// src/cli/commands/up.ts
var upCommand = {
  name: "up",
  summary: "starts a cluster, or makes sure that it runs",
  takesName: true,
  options: [
    ["--nodes <number>", "how many nodes (1)"],
    ["--runtime <kind>", "docker, simulated, or auto: Docker where an engine answers (auto)"],
    ["--port <number>", "the API server's port on 127.0.0.1 (any free one)"],
    ["--wait <seconds>", "how long to wait for the nodes to be Ready; 0 returns when the API is served (120)"],
    ["--kubeconfig <file>", "the kubeconfig to write to, instead of $KUBECONFIG or ~/.kube/config"]
  ],
  async run(call) {
    const { name, options, format } = call;
    const wanted = wantedOf(options);
    const kubeconfig = options["kubeconfig"];
    const env = typeof kubeconfig === "string" ? { ...call.world.env, KUBECONFIG: kubeconfig } : call.world.env;
    const world = { ...call.world, env, out: format === "json" ? call.world.err : call.world.out };
    const folder = dataFolder(env, name);
    const up = new Up(world, folder, wanted);
    const result = await up.run();
    if (format === "json") printJson(call.world.out, result);
    else summarize(call, result);
    return 0;
  }
};
function wantedOf(options) {
  const whole = /* @__PURE__ */ __name((flag, least, most) => {
    const text = options[flag];
    if (text === void 0) return void 0;
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new CliError(`--${flag} ${text} is not possible`, `it must be a whole number from ${least} to ${most}`);
  }, "whole");
  const runtime = options["runtime"];
  if (runtime !== void 0 && runtime !== "docker" && runtime !== "simulated" && runtime !== "auto") {
    throw new CliError(`--runtime ${runtime} is not possible`, "it must be docker, simulated or auto");
  }
  return {
    nodes: whole("nodes", 0, 1e4),
    runtime,
    port: whole("port", 0, 65535),
    waitMs: (whole("wait", 0, 86400) ?? 120) * 1e3
  };
}
__name(wantedOf, "wantedOf");
function summarize({ world, name }, result) {
  const what = result.started ? `Cluster ${name} is up` : `Cluster ${name} is already up`;
  world.out.write(`${what}: ${result.url} (context ${result.context}, ${result.runtime} nodes)
`);
  if (!result.ready) world.out.write(`Not all nodes are Ready yet: krill status ${name}
`);
}
__name(summarize, "summarize");
var Up = class {
  static {
    __name(this, "Up");
  }
  #world;
  #folder;
  #wanted;
  #steps;
  #began;
  constructor(world, folder, wanted) {
    this.#world = world;
    this.#folder = folder;
    this.#wanted = wanted;
    this.#steps = new StepList(world.out, world.env);
    this.#began = world.clock.steady();
  }
  async run() {
    const fresh = this.#folder.create();
    if (fresh) this.#step("data folder");
    return withCommandLock(this.#folder, this.#world, async () => {
      const view = await this.#settled();
      this.#checkWishes(view);
      if (view.report) {
        const { access, ready } = view.report;
        return this.#result(access, view.settings?.runtime ?? view.report.runtime, ready, false);
      }
      return this.#start(fresh);
    });
  }
  #step(name) {
    this.#steps.done(name, this.#world.clock.steady() - this.#began);
  }
  /** The cluster's state once it is neither coming nor going. */
  async #settled() {
    const { clock } = this.#world;
    for (; ; ) {
      const view = await viewCluster(this.#folder, clock);
      if (view.state === "ready" || view.state === "stopped") return view;
      if (clock.steady() - this.#began >= this.#wanted.waitMs) {
        if (view.report) return view;
        throw new CliError(
          `cluster ${this.#folder.name} is starting, but does not answer`,
          "its server crashes, or hangs",
          `krill logs ${this.#folder.name}; krill down ${this.#folder.name} ends it`
        );
      }
      await clock.sleep(50);
    }
  }
  /** A cluster is made once: other wishes later are told apart from mistakes. */
  #checkWishes({ settings }) {
    if (!settings) return;
    const { nodes, runtime, port } = this.#wanted;
    const differs = /* @__PURE__ */ __name((flag, asked, has) => {
      throw new CliError(
        `cluster ${settings.name} was made with --${flag} ${has}, not ${asked}`,
        "a cluster keeps what it was made with",
        `krill delete ${settings.name} and make it again, or make another: krill up NAME --${flag} ${asked}`
      );
    }, "differs");
    if (nodes !== void 0 && nodes !== settings.nodes) differs("nodes", nodes, settings.nodes);
    if (runtime !== void 0 && runtime !== "auto" && runtime !== settings.runtime)
      differs("runtime", runtime, settings.runtime);
    if (port !== void 0 && port !== 0 && port !== settings.port) differs("port", port, settings.port);
  }
  async #start(fresh) {
    const { env, program, clock } = this.#world;
    const { nodes = 1, runtime = "auto", port = 0 } = this.#wanted;
    const { name, path } = this.#folder;
    const args = ["serve", name, "--data", path, "--nodes", nodes, "--runtime", runtime, "--port", port].map(String);
    const { messages } = startServer(this.#folder, [...program, ...args], env);
    let serving;
    let merged;
    let late = false;
    const timer = clock.after(this.#wanted.waitMs || 12e4, () => {
      late = true;
      messages.destroy();
    });
    try {
      for await (const message of readMessages(messages)) {
        if (message.type === "step") this.#step(message.name);
        else if (message.type === "note") this.#steps.note(message.text);
        else if (message.type === "failed") throw new CliError(message.what, message.cause, message.next);
        else if (message.type === "serving") {
          serving = message;
          merged = this.#merge(message.access);
          if (this.#wanted.waitMs === 0) break;
        } else {
          return await this.#result(serving.access, serving.runtime, true, true, merged);
        }
      }
    } catch (error) {
      await this.#undo(fresh);
      throw error;
    } finally {
      timer.cancel();
      messages.destroy();
    }
    if (serving) return this.#result(serving.access, serving.runtime, false, true, merged);
    const last = this.#folder.logTail(5).join("\n    ");
    await this.#undo(fresh);
    throw new CliError(
      late ? `cluster ${name} did not start in time` : `the server of cluster ${name} ended without a word`,
      `its last words:
    ${last}`,
      `krill up ${name}`
    );
  }
  /** Leaves nothing half made: what did not start is stopped, and a folder that was made for it goes again. */
  async #undo(fresh) {
    await stopServer(this.#folder, this.#world.clock);
    if (fresh && !this.#folder.settings()) await this.#folder.remove();
  }
  async #merge(access) {
    const { env, clock, err } = this.#world;
    try {
      return await mergeKubeconfig(env, clock, this.#folder.name, access);
    } catch (error) {
      const failure = error instanceof CliError ? error : new CliError(
        `your kubeconfig was not changed: ${error.message}`,
        void 0,
        `krill kubeconfig ${this.#folder.name}`
      );
      err.write(failure.text().replace(/^error/, "warning"));
      return "";
    }
  }
  async #result(access, runtime, ready, started, merged = this.#merge(access)) {
    return {
      name: this.#folder.name,
      url: access.url,
      runtime,
      context: contextName(this.#folder.name),
      kubeconfig: await merged,
      ready,
      started,
      seconds: Math.round(this.#world.clock.steady() - this.#began) / 1e3
    };
  }
};

// src/cli/version.ts
var build = {
  version: true ? "0.1.0" : "development",
  commit: true ? "679a8e4d786e" : "unknown"
};

// src/cli/commands/version.ts
var versionCommand = {
  name: "version",
  summary: "prints the versions of krill, its Kubernetes API and Node.js",
  takesName: false,
  options: [],
  async run({ world, format }) {
    const { kubernetesVersion } = await import("./chunk-E5UVFSOV.mjs");
    const versions = {
      krill: build.version,
      commit: build.commit,
      kubernetes: `v${kubernetesVersion}`,
      node: process.version
    };
    if (format === "json") printJson(world.out, versions);
    else printFields(world.out, Object.entries(versions));
    return 0;
  }
};

// src/cli/commands/index.ts
var commands = [
  upCommand,
  downCommand,
  deleteCommand,
  listCommand,
  statusCommand,
  kubeconfigCommand,
  logsCommand,
  versionCommand,
  serveCommand
];

// src/cli/run.ts
var oldestNodeApi = 10;
async function run(argv, world) {
  const { port1: alive } = new MessageChannel();
  alive.on("message", () => void 0);
  try {
    if (Number(process.versions["napi"]) < oldestNodeApi) {
      throw new CliError(
        `Node.js ${process.version} is too old for krill`,
        "its native interface (Node-API 9 or older) cannot load the SQLite addon",
        "install Node.js 22 or newer, or use npm run krill -- in the repository, which brings its own"
      );
    }
    return await parse(argv, world);
  } catch (error) {
    const failure = error instanceof CliError ? error : unexpected(error);
    world.err.write(failure.text());
    return 1;
  } finally {
    alive.close();
  }
}
__name(run, "run");
var unexpected = /* @__PURE__ */ __name((error) => new CliError(
  error instanceof Error ? error.stack ?? error.message : String(error),
  "this is a fault of krill",
  "please report it with the lines above"
), "unexpected");
async function parse(argv, world) {
  const { Command: Program, CommanderError, Option } = await import("./chunk-VCO2N3VI.mjs");
  let code = 0;
  const program = new Program("krill").description("A whole Kubernetes cluster in one process.").version(build.version).exitOverride().configureOutput({
    writeOut: /* @__PURE__ */ __name((text) => void world.out.write(text), "writeOut"),
    writeErr: /* @__PURE__ */ __name((text) => void world.err.write(text), "writeErr")
  });
  const add = /* @__PURE__ */ __name((command) => {
    const sub = program.command(command.name, { hidden: command.hidden ?? false }).description(command.summary);
    if (command.takesName) sub.argument("[NAME]", "the cluster", "dev");
    for (const [flags, description] of command.options) sub.option(flags, description);
    sub.addOption(new Option("-o, --output <format>", "how to print").choices(["text", "json"]).default("text"));
    sub.action(async (...given) => {
      const name = command.takesName ? String(given[0]) : "";
      const options = sub.opts();
      code = await command.run({ world, name, options, format: options["output"] === "json" ? "json" : "text" });
    });
  }, "add");
  commands.forEach(add);
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  return code;
}
__name(parse, "parse");
export {
  run
};
