import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { closeQuietly, type DataFolder } from './data-folder.ts';
import { isAlive } from './file-lock.ts';
import { givenUp, messageDescriptor } from './start-messages.ts';

/** Set for a server that has somebody to tell how its start goes. */
export const messageVariable = 'KRILL_START_MESSAGES';

/**
 * Keeps the server running: starts it again at once when it crashes, ever later when it crashes before it has served,
 * and not at all after a clean end or one that was explained. A shell costs a fiftieth of another Node.
 */
const loop = `
folder=$1; shift
echo $$ > "$folder/supervisor.pid"
child=; stop=; delay=0
trap 'stop=1; [ -n "$child" ] && kill -TERM "$child" 2>/dev/null' TERM INT
trap '' HUP
while [ -z "$stop" ]; do
  [ -e "$folder/serving" ] && rm -f "$folder/serving"
  "$@" &
  child=$!
  begun=$(date +%s)
  exec ${messageDescriptor}>&-
  unset ${messageVariable}
  wait "$child"; code=$?
  while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
  child=
  [ -n "$stop" ] && break
  case $code in 0|${givenUp}) break;; esac
  [ -e "$folder/serving" ] && delay=0
  [ $(($(date +%s) - begun)) -ge 10 ] && delay=0
  printf '{"level":"error","msg":"server ended, starting it again","code":%s,"seconds":%s}\\n' "$code" "$delay" >&2
  if [ "$delay" -gt 0 ]; then sleep "$delay" & child=$!; wait "$child"; child=; fi
  delay=$((delay * 2 + 1)); [ "$delay" -gt 30 ] && delay=30
done
rm -f "$folder/supervisor.pid"
`;

/** A supervised server that has just been started. */
export interface StartedServer {
  /** Its start messages; ends when it has told everything or has died. */
  readonly messages: Readable;
  readonly pid: number;
}

/**
 * Flags of the server's Node: objects live for a request, so that with room for the young, most are gone before they are
 * ever copied. At rest the room is given back.
 */
const nodeFlags = ['--max-semi-space-size=64'];

/** The command line of a server, from how this program was called: a Node binary and its script. */
export const serverCommand = ([node = '', ...script]: readonly string[], args: readonly string[]): string[] => [
  node,
  ...nodeFlags,
  ...script,
  ...args,
];

const shell = '/bin/sh';

/** Starts `command` (a Node binary and its arguments) in the background, supervised where there is a shell. */
export function startServer(
  folder: DataFolder,
  command: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): StartedServer {
  const log = folder.openLog();
  const supervised = existsSync(shell);
  const [file, args] = supervised
    ? [shell, ['-c', loop, 'krill-supervisor', folder.path, ...command]]
    : [command[0]!, command.slice(1)];
  const child: ChildProcess = spawn(file, args, {
    detached: true,
    stdio: ['ignore', log, log, 'pipe'],
    env: { ...env, [messageVariable]: '1' },
    cwd: folder.path,
  });
  closeQuietly(log);
  const messages = child.stdio[messageDescriptor] as Readable;
  child.on('error', (error) => messages.destroy(error));
  messages.on('error', () => undefined);
  child.unref();
  return { messages, pid: child.pid ?? 0 };
}

/** The pid in a file, if a process of this cluster has it: pids are used again. */
export function livePid(file: string, folder: DataFolder): number | undefined {
  let pid: number;
  try {
    pid = Number(readFileSync(file, 'utf8'));
  } catch {
    // No process has written its number.
    return undefined;
  }
  return pid > 0 && runs(pid, folder) ? pid : undefined;
}

/** Whether a process works for this cluster. One that has ended but was not collected yet has no command line. */
const runs = (pid: number, folder: DataFolder): boolean => isAlive(pid) && commandLine(pid).includes(folder.path);

function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

/** How long a server may take to end in good order. */
const stopTimeout = 20_000;

/** Ends the supervisor and the server; returns whether there was anything to end. Kills what does not end in time. */
export async function stopServer(folder: DataFolder, clock: Clock): Promise<boolean> {
  const running = () =>
    [folder.supervisorPid, folder.serverPid].map((file) => livePid(file, folder)).filter((pid) => pid !== undefined);
  const before = running();
  if (before.length === 0) return false;
  // The supervisor passes the signal on; one that was killed left its server behind.
  signal(before[0]!, 'SIGTERM');
  if (!(await gone(before, folder, clock))) {
    for (const pid of before) if (runs(pid, folder)) signal(pid, 'SIGKILL');
    await gone(before, folder, clock);
  }
  for (const file of [folder.supervisorPid, folder.serverPid]) rmSync(file, { force: true });
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}

async function gone(pids: readonly number[], folder: DataFolder, clock: Clock): Promise<boolean> {
  const deadline = clock.steady() + stopTimeout;
  while (pids.some((pid) => runs(pid, folder))) {
    if (clock.steady() > deadline) return false;
    await clock.sleep(10);
  }
  return true;
}
