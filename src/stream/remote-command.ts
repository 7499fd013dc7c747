import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { StreamedProcess } from './process.ts';
import { type CommandStreams, negotiateCommand, openCommand } from './remote-command-channels.ts';
import { runCommand } from './remote-command-session.ts';
import { badRequest, refusalOf } from './stream-status.ts';
import { refuseUpgrade, watchSocket } from './upgrade.ts';

/** Which streams the client asked for, and what the session is. */
export interface RemoteCommandOptions extends CommandStreams {
  /** What is being done, for error texts. */
  readonly verb?: 'exec' | 'attach';
  /** What a client that hangs up leaves behind: a killed process (default), or one that runs on. */
  readonly hangUp?: 'kill' | 'detach';
}

/** kubelet's words for a session that failed for another reason than an exit code. */
const doing = { exec: 'error executing command in container', attach: 'error attaching to container' } as const;

/**
 * Serves one exec or attach request: answers the upgrade (WebSocket channels or SPDY/3.1), starts the process and
 * carries its streams until it ends or the client goes away. If `start` rejects, the client gets an HTTP Status
 * instead of the upgrade; later failures go to the error stream. Resolves when all is over; never rejects.
 */
export async function acceptRemoteCommand(
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: RemoteCommandOptions,
  start: (signal: AbortSignal) => Promise<StreamedProcess>,
  clock: Clock,
  log: Logger,
): Promise<void> {
  const gone = watchSocket(socket);
  // With a terminal there is no separate stderr.
  const streams: CommandStreams = { ...options, stderr: options.stderr && !options.tty };
  if (!streams.stdin && !streams.stdout && !streams.stderr) {
    return refuseUpgrade(socket, badRequest('you must specify at least 1 of stdin, stdout, stderr'));
  }
  const agreed = negotiateCommand(req);
  if ('code' in agreed) return refuseUpgrade(socket, agreed);

  const failing = doing[options.verb ?? 'exec'];
  let process: StreamedProcess;
  try {
    process = await start(gone);
  } catch (error) {
    log.debug('streamed process not started', { error });
    return refuseUpgrade(socket, refusalOf(error, failing));
  }
  const exit = process.exit.then(
    (code) => ({ code }),
    (error: unknown) => ({ error }),
  );
  const detach = options.hangUp === 'detach';
  try {
    const channels = await openCommand({ req, socket, head }, agreed, streams, gone, clock, log);
    await runCommand({ process, exit, channels, failing, clock, detach });
  } catch (error) {
    log.info('streaming session failed', { error });
    if (!detach) process.kill();
    socket.destroy();
  }
  for (const stream of [process.stdin, process.stdout, process.stderr]) stream?.destroy();
}
