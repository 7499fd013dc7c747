import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  readSettings
} from "./chunk-37EYYX6M.mjs";
import {
  CliError
} from "./chunk-LPKV7UGH.mjs";
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/cli/data-folder.ts
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
var logLimit = 10 * 1024 * 1024;
var DataFolder = class {
  static {
    __name(this, "DataFolder");
  }
  name;
  path;
  constructor(name, path) {
    this.name = name;
    this.path = path;
  }
  get log() {
    return join(this.path, "server.log");
  }
  /** Pid of the supervising shell. */
  get supervisorPid() {
    return join(this.path, "supervisor.pid");
  }
  /** Pid of the server process itself. */
  get serverPid() {
    return join(this.path, "server.pid");
  }
  /** Held while a command changes whether the cluster runs. */
  get lock() {
    return join(this.path, "command.lock");
  }
  exists() {
    try {
      return statSync(this.path).isDirectory();
    } catch (error) {
      if (error.code === "ENOENT") return false;
      throw unreadable(this.path, error);
    }
  }
  /** Makes the folder, for its owner only; returns whether it is new. */
  create() {
    try {
      const made = mkdirSync(this.path, { recursive: true, mode: 448 }) !== void 0;
      readdirSync(this.path);
      const { mode } = statSync(this.path);
      if (process.platform !== "win32" && (mode & 63) !== 0) {
        throw new CliError(
          `the data folder ${this.path} can be read by other users`,
          "it holds the keys of the cluster, and its permissions were changed",
          `chmod 700 ${this.path}`
        );
      }
      return made;
    } catch (error) {
      throw error instanceof CliError ? error : unreadable(this.path, error);
    }
  }
  /** What the cluster was made as; undefined before its first start got that far. */
  settings() {
    try {
      return readSettings(this.path);
    } catch (error) {
      throw new CliError(
        error.message,
        "the file was damaged or is not readable",
        `repair it, or remove the cluster: krill delete ${this.name}`
      );
    }
  }
  /** Opens the log for appending; a large one becomes server.log.1 first. */
  openLog() {
    try {
      if (statSync(this.log).size > logLimit) renameSync(this.log, `${this.log}.1`);
    } catch {
    }
    return openSync(this.log, "a", 384);
  }
  /** The last lines of the log. */
  logTail(lines) {
    try {
      return readFileSync(this.log, "utf8").trimEnd().split("\n").slice(-lines);
    } catch {
      return [];
    }
  }
  async remove() {
    await rm(this.path, { recursive: true, force: true });
  }
};
function unreadable(path, error) {
  return new CliError(
    `the data folder ${path} cannot be used: ${error.message}`,
    "it belongs to another user, or a parent folder is missing permissions",
    `ls -ld ${path}; or set KRILL_HOME to another folder`
  );
}
__name(unreadable, "unreadable");
function krillHome(env) {
  return env["KRILL_HOME"] || join(env["HOME"] || homedir(), ".krill");
}
__name(krillHome, "krillHome");
var namePattern = /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/;
function dataFolder(env, name) {
  if (!namePattern.test(name)) {
    throw new CliError(
      `"${name}" cannot be the name of a cluster`,
      "names are 1 to 40 lower-case letters, digits and hyphens, and begin and end with a letter or digit",
      "krill up dev"
    );
  }
  return new DataFolder(name, join(krillHome(env), "clusters", name));
}
__name(dataFolder, "dataFolder");
function existingFolder(env, name) {
  const folder = dataFolder(env, name);
  if (folder.exists()) return folder;
  const names = allFolders(env).map((f) => f.name);
  throw new CliError(
    `there is no cluster ${name}`,
    names.length > 0 ? `the clusters here are: ${names.join(", ")}` : "no cluster has been made yet",
    `krill up ${name}`
  );
}
__name(existingFolder, "existingFolder");
function allFolders(env) {
  const parent = join(krillHome(env), "clusters");
  let names;
  try {
    names = readdirSync(parent);
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw unreadable(parent, error);
  }
  return names.filter((name) => namePattern.test(name)).sort().map((name) => new DataFolder(name, join(parent, name)));
}
__name(allFolders, "allFolders");
function closeQuietly(fd) {
  try {
    closeSync(fd);
  } catch {
  }
}
__name(closeQuietly, "closeQuietly");

// src/cli/start-messages.ts
var messageDescriptor = 3;
var givenUp = 78;
async function* readMessages(source) {
  let rest = "";
  try {
    for await (const chunk of source) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop();
      for (const line of lines) if (line !== "") yield JSON.parse(line);
    }
  } catch (error) {
    if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}
__name(readMessages, "readMessages");

// src/cli/supervisor.ts
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync as readFileSync3, rmSync } from "node:fs";

// src/cli/file-lock.ts
import { closeSync as closeSync2, openSync as openSync2, readFileSync as readFileSync2, statSync as statSync2, unlinkSync, writeSync } from "node:fs";
var LockBusy = class extends Error {
  static {
    __name(this, "LockBusy");
  }
};
async function withFileLock(path, options, work) {
  const { clock } = options;
  const deadline = clock.steady() + options.waitMs;
  for (; ; ) {
    try {
      const fd = openSync2(path, "wx", 384);
      writeSync(fd, `${process.pid}
`);
      closeSync2(fd);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (isStale(path, options.staleMs, clock)) removeQuietly(path);
    else if (clock.steady() > deadline) throw new LockBusy(`${path} is held by another process`);
    else await clock.sleep(10);
  }
  try {
    return await work();
  } finally {
    removeQuietly(path);
  }
}
__name(withFileLock, "withFileLock");
function isStale(path, staleMs, clock) {
  try {
    const holder = Number(readFileSync2(path, "utf8"));
    if (holder > 0) return !isAlive(holder);
    return clock.wall() - statSync2(path).mtimeMs > staleMs;
  } catch {
    return false;
  }
}
__name(isStale, "isStale");
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
__name(isAlive, "isAlive");
function removeQuietly(path) {
  try {
    unlinkSync(path);
  } catch {
  }
}
__name(removeQuietly, "removeQuietly");

// src/cli/supervisor.ts
var messageVariable = "KRILL_START_MESSAGES";
var loop = `
folder=$1; shift
echo $$ > "$folder/supervisor.pid"
child=; stop=; delay=0
trap 'stop=1; [ -n "$child" ] && kill -TERM "$child" 2>/dev/null' TERM INT
trap '' HUP
while [ -z "$stop" ]; do
  begun=$(date +%s)
  "$@" &
  child=$!
  exec ${messageDescriptor}>&-
  unset ${messageVariable}
  wait "$child"; code=$?
  while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
  child=
  [ -n "$stop" ] && break
  case $code in 0|${givenUp}) break;; esac
  [ $(($(date +%s) - begun)) -ge 10 ] && delay=0
  printf '{"level":"error","msg":"server ended, starting it again","code":%s,"seconds":%s}\\n' "$code" "$delay" >&2
  if [ "$delay" -gt 0 ]; then sleep "$delay" & child=$!; wait "$child"; child=; fi
  delay=$((delay * 2 + 1)); [ "$delay" -gt 30 ] && delay=30
done
rm -f "$folder/supervisor.pid"
`;
var shell = "/bin/sh";
function startServer(folder, command, env) {
  const log = folder.openLog();
  const supervised = existsSync(shell);
  const [file, args] = supervised ? [shell, ["-c", loop, "krill-supervisor", folder.path, ...command]] : [command[0], command.slice(1)];
  const child = spawn(file, args, {
    detached: true,
    stdio: ["ignore", log, log, "pipe"],
    env: { ...env, [messageVariable]: "1" },
    cwd: folder.path
  });
  closeQuietly(log);
  const messages = child.stdio[messageDescriptor];
  child.on("error", (error) => messages.destroy(error));
  messages.on("error", () => void 0);
  child.unref();
  return { messages, pid: child.pid ?? 0 };
}
__name(startServer, "startServer");
function livePid(file, folder) {
  let pid;
  try {
    pid = Number(readFileSync3(file, "utf8"));
  } catch {
    return void 0;
  }
  return pid > 0 && runs(pid, folder) ? pid : void 0;
}
__name(livePid, "livePid");
var runs = /* @__PURE__ */ __name((pid, folder) => isAlive(pid) && commandLine(pid).includes(folder.path), "runs");
function commandLine(pid) {
  try {
    if (process.platform === "linux") return readFileSync3(`/proc/${pid}/cmdline`, "utf8");
    return execFileSync("ps", ["-ww", "-o", "command=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}
__name(commandLine, "commandLine");
var stopTimeout = 2e4;
async function stopServer(folder, clock) {
  const running = /* @__PURE__ */ __name(() => [folder.supervisorPid, folder.serverPid].map((file) => livePid(file, folder)).filter((pid) => pid !== void 0), "running");
  const before = running();
  if (before.length === 0) return false;
  signal(before[0], "SIGTERM");
  if (!await gone(before, folder, clock)) {
    for (const pid of before) if (runs(pid, folder)) signal(pid, "SIGKILL");
    await gone(before, folder, clock);
  }
  for (const file of [folder.supervisorPid, folder.serverPid]) rmSync(file, { force: true });
  return true;
}
__name(stopServer, "stopServer");
function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
  }
}
__name(signal, "signal");
async function gone(pids, folder, clock) {
  const deadline = clock.steady() + stopTimeout;
  while (pids.some((pid) => runs(pid, folder))) {
    if (clock.steady() > deadline) return false;
    await clock.sleep(10);
  }
  return true;
}
__name(gone, "gone");

// src/cli/control.ts
import { createHash } from "node:crypto";
import { chmodSync, rmSync as rmSync2 } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join as join2 } from "node:path";
var maxSocketPath = 100;
function controlPath(dataDir) {
  const short = createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
  if (process.platform === "win32") return `\\\\.\\pipe\\krill-${short}`;
  const path = join2(dataDir, "control.sock");
  return Buffer.byteLength(path) <= maxSocketPath ? path : join2(tmpdir(), `krill-${short}.sock`);
}
__name(controlPath, "controlPath");
function serveReports(dataDir, report) {
  const path = controlPath(dataDir);
  if (process.platform !== "win32") rmSync2(path, { force: true });
  const server = createServer((socket) => {
    socket.on("error", () => void 0);
    socket.end(JSON.stringify(report()));
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      if (process.platform !== "win32") chmodSync(path, 384);
      resolve(server);
    });
  });
}
__name(serveReports, "serveReports");
function readReport(dataDir, clock, waitMs = 2e3) {
  return new Promise((resolve) => {
    const socket = connect(controlPath(dataDir));
    const timer = clock.after(waitMs, () => socket.destroy());
    let text = "";
    socket.on("data", (chunk) => {
      text += String(chunk);
    });
    socket.on("error", () => void 0);
    socket.on("close", () => {
      timer.cancel();
      try {
        resolve(JSON.parse(text));
      } catch {
        resolve(void 0);
      }
    });
  });
}
__name(readReport, "readReport");

export {
  LockBusy,
  withFileLock,
  dataFolder,
  existingFolder,
  allFolders,
  closeQuietly,
  messageDescriptor,
  givenUp,
  readMessages,
  messageVariable,
  startServer,
  livePid,
  stopServer,
  serveReports,
  readReport
};
