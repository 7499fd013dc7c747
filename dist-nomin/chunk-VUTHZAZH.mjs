import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  createLogger,
  formatRecord
} from "./chunk-Y2ZLEF36.mjs";
import {
  closeQuietly,
  givenUp,
  messageDescriptor,
  messageVariable,
  serveReports
} from "./chunk-QA32RQLC.mjs";
import {
  readSettings
} from "./chunk-37EYYX6M.mjs";
import {
  explainStart
} from "./chunk-LPKV7UGH.mjs";
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/cli/serve.ts
import { rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
var engineTimeout = 2e3;
var closeTimeout = 1e4;
async function serve(world, options) {
  const log = createLogger(world.clock, (record) => void world.err.write(`${formatRecord(record)}
`));
  const pidFile = join(options.dataDir, "server.pid");
  writeFileSync(pidFile, `${process.pid}
`, { mode: 384 });
  writeCrashFiles(options.dataDir, world, log);
  const code = await serveUntilStopped(world, options, log);
  rmSync(pidFile, { force: true });
  process.exit(code);
}
__name(serve, "serve");
async function serveUntilStopped(world, options, log) {
  const { clock, ids } = world;
  const stop = stopSignal();
  const tell = new Teller(world.env[messageVariable] === "1");
  let cluster;
  try {
    const { name, dataDir, nodes, port } = options;
    const runtime = await chooseRuntime(options, world, tell);
    const { startCluster } = await world.loadStart();
    cluster = await startCluster(
      { name, dataDir, port, nodes, runtime, store: "file", clock, ids, log },
      (step) => tell.say({ type: "step", name: step.name })
    );
    const running = cluster;
    const { url, caPem, adminCertPem, adminKeyPem } = running;
    const access = { url, caPem, certPem: adminCertPem, keyPem: adminKeyPem };
    tell.say({ type: "serving", runtime, access });
    let ready = false;
    await serveReports(dataDir, () => ({ ...running.status(), pid: process.pid, ready, access }));
    log.info("serving", { url });
    if (await Promise.race([stop, running.ready]) !== "stop") {
      ready = true;
      log.info("nodes ready");
      tell.say({ type: "ready" });
      tell.end();
      await stop;
    }
    log.info("stopping");
    await closeInTime(running, world, log);
    log.info("stopped");
    return 0;
  } catch (error) {
    log.error("the cluster could not be started", { error });
    const { message, likelyCause, next } = explainStart(error, options.name);
    tell.say({ type: "failed", what: message, ...likelyCause && { cause: likelyCause }, ...next && { next } });
    tell.end();
    if (cluster) await closeInTime(cluster, world, log);
    return givenUp;
  }
}
__name(serveUntilStopped, "serveUntilStopped");
async function closeInTime(cluster, { clock }, log) {
  const late = new AbortController();
  const deadline = clock.sleep(closeTimeout, late.signal).then(
    () => log.warn("the cluster did not close in time"),
    () => void 0
  );
  const closed = cluster.close().catch((error) => log.error("the cluster did not close cleanly", { error }));
  await Promise.race([closed, deadline]);
  late.abort();
}
__name(closeInTime, "closeInTime");
function stopSignal() {
  return new Promise((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"]) process.once(name, () => resolve("stop"));
    process.on("SIGHUP", () => void 0);
  });
}
__name(stopSignal, "stopSignal");
function writeCrashFiles(dataDir, { clock }, log) {
  process.on("uncaughtException", (error) => {
    const time = new Date(clock.wall()).toISOString();
    log.error("crashed", { error });
    writeFileSync(join(dataDir, `crash-${time.replaceAll(":", "")}.txt`), `${time}
${error.stack ?? error}
`, {
      mode: 384
    });
    process.exit(1);
  });
}
__name(writeCrashFiles, "writeCrashFiles");
var Teller = class {
  static {
    __name(this, "Teller");
  }
  #open;
  constructor(open) {
    this.#open = open;
  }
  say(message) {
    if (!this.#open) return;
    try {
      writeSync(messageDescriptor, `${JSON.stringify(message)}
`);
    } catch {
      this.#open = false;
    }
  }
  end() {
    if (this.#open) closeQuietly(messageDescriptor);
    this.#open = false;
  }
};
async function chooseRuntime(options, { clock }, tell) {
  const stored = readSettings(options.dataDir)?.runtime;
  if (stored) return stored;
  if (options.runtime !== "auto") return options.runtime;
  const { connectEngine } = await import("./chunk-FBBBQTOI.mjs");
  const giveUp = new AbortController();
  const timer = clock.after(engineTimeout, () => giveUp.abort(new Error("no container engine answered in time")));
  try {
    (await connectEngine(clock, giveUp.signal)).close();
    return "docker";
  } catch {
    tell.say({ type: "note", text: "no container engine answers, so the nodes are simulated: pods run no containers" });
    return "simulated";
  } finally {
    timer.cancel();
  }
}
__name(chooseRuntime, "chooseRuntime");
export {
  serve
};
