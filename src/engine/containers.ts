import type { Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { EngineError, isBeingRemoved, isNotFound, isNotModified } from './errors.ts';
import { lastLineOf, OutputEnd, type OutputLine } from './output-end.ts';
import { type EngineProcess, processOn } from './process.ts';
import type { EngineRequests } from './requests.ts';
import type {
  AttachRequest,
  ContainerConfig,
  ContainerInspect,
  ContainerSummary,
  ExecInspect,
  ExecRequest,
  Filters,
  HostConfig,
  LogRequest,
} from './types.ts';

/** When so long nothing has come of a container that has ended, it is asked whether there was more. Milliseconds. */
const silence = 500;
/** An engine that has not passed on the last line by then never will. Milliseconds without output. */
const patience = 20_000;

/** The containers of an engine, and the processes in them. */
export class EngineContainers {
  readonly #requests: EngineRequests;
  readonly #clock: Clock;

  constructor(requests: EngineRequests, clock: Clock) {
    this.#requests = requests;
    this.#clock = clock;
  }

  /** Creates a container; throws `EngineError` 409 when the name is taken. */
  async create(name: string, config: ContainerConfig, signal?: AbortSignal): Promise<string> {
    const request = { method: 'POST', path: '/containers/create', query: { name }, body: config, signal } as const;
    return (await this.#requests.send<{ Id: string }>(request)).Id;
  }

  /** Starts a container; one that runs already is left alone. */
  start(id: string, signal?: AbortSignal): Promise<void> {
    return this.#requests.unless(isNotModified, this.#requests.act('POST', `/containers/${id}/start`, {}, signal));
  }

  /** Asks a container to end, and kills it after `seconds`. Resolves when it has ended. */
  stop(id: string, seconds: number, signal?: AbortSignal): Promise<void> {
    return this.#requests.unless(
      isNotModified,
      this.#requests.act('POST', `/containers/${id}/stop`, { t: seconds }, signal),
    );
  }

  /** Sends a signal; a container that does not run is left alone. */
  kill(id: string, name: string, signal?: AbortSignal): Promise<void> {
    const stopped = (error: unknown) => error instanceof EngineError && error.status === 409;
    return this.#requests.unless(
      stopped,
      this.#requests.act('POST', `/containers/${id}/kill`, { signal: name }, signal),
    );
  }

  pause(id: string, signal?: AbortSignal): Promise<void> {
    return this.#requests.act('POST', `/containers/${id}/pause`, {}, signal);
  }

  unpause(id: string, signal?: AbortSignal): Promise<void> {
    return this.#requests.act('POST', `/containers/${id}/unpause`, {}, signal);
  }

  /** Changes limits of a running container. */
  update(id: string, limits: HostConfig, signal?: AbortSignal): Promise<void> {
    return this.#requests.send({ method: 'POST', path: `/containers/${id}/update`, body: limits, signal });
  }

  /** Removes a container by force, its anonymous volumes too; one that is gone is fine. */
  async remove(id: string, signal?: AbortSignal): Promise<void> {
    try {
      await this.#requests.act('DELETE', `/containers/${id}`, { force: true, v: true }, signal);
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isBeingRemoved(error)) throw error;
      await this.#requests.unless(
        isNotFound,
        this.#requests.act('POST', `/containers/${id}/wait`, { condition: 'removed' }, signal),
      );
    }
  }

  /** Resolves with the exit code when the container has ended. */
  async wait(id: string, signal?: AbortSignal): Promise<number> {
    const answer = await this.#requests.json<{ StatusCode: number }>('POST', `/containers/${id}/wait`, {}, signal);
    return answer.StatusCode;
  }

  inspect(id: string, signal?: AbortSignal): Promise<ContainerInspect | undefined> {
    return this.#requests.found(this.#requests.json('GET', `/containers/${id}/json`, {}, signal));
  }

  /** Containers in every state. */
  list(filters: Filters, signal?: AbortSignal): Promise<ContainerSummary[]> {
    return this.#requests.json('GET', '/containers/json', { all: true, filters: JSON.stringify(filters) }, signal);
  }

  /** The container's output: multiplexed frames, or raw bytes with a terminal. */
  logs(id: string, request: LogRequest, signal?: AbortSignal): Promise<Readable> {
    const query = {
      stdout: request.stdout,
      stderr: request.stderr,
      follow: request.follow,
      timestamps: request.timestamps,
      tail: request.tail === undefined ? 'all' : String(request.tail),
      ...(request.since !== undefined && { since: request.since }),
      ...(request.until !== undefined && { until: request.until }),
    };
    return this.#requests.stream({ method: 'GET', path: `/containers/${id}/logs`, query, signal });
  }

  /** A file or folder of the container as a tar stream; undefined when it is not there. */
  getArchive(id: string, path: string, signal?: AbortSignal): Promise<Readable | undefined> {
    return this.#requests.found(
      this.#requests.stream({ method: 'GET', path: `/containers/${id}/archive`, query: { path }, signal }),
    );
  }

  /** Runs a command in a container. The signal counts until it has started. */
  async exec(id: string, request: ExecRequest, signal?: AbortSignal): Promise<EngineProcess & { id: string }> {
    const { command, stdin, tty, user, env } = request;
    const body = {
      AttachStdin: stdin,
      AttachStdout: true,
      AttachStderr: !tty,
      Tty: tty,
      Cmd: command,
      ...(user && { User: user }),
      ...(env && { Env: env }),
    };
    const path = `/containers/${id}/exec`;
    const exec = await this.#requests.send<{ Id: string }>({ method: 'POST', path, body, signal });
    const start = {
      method: 'POST',
      path: `/exec/${exec.Id}/start`,
      body: { Detach: false, Tty: tty },
      signal,
    } as const;
    const socket = await this.#requests.hijack(start);
    const resize = this.#resizer(`/exec/${exec.Id}/resize`);
    return { id: exec.Id, ...processOn(socket, { stdin, tty }, () => this.#execResult(exec.Id), resize) };
  }

  inspectExec(id: string, signal?: AbortSignal): Promise<ExecInspect | undefined> {
    return this.#requests.found(this.#requests.json('GET', `/exec/${id}/json`, {}, signal));
  }

  /** Joins the streams of a running container's first process. `exit` resolves with 0 when they end. */
  async attach(id: string, streams: AttachRequest, signal?: AbortSignal): Promise<EngineProcess> {
    const query = {
      stream: true,
      logs: streams.replayFrom !== undefined,
      stdin: streams.stdin,
      stdout: true,
      stderr: true,
    };
    const socket = await this.#requests.hijack({ method: 'POST', path: `/containers/${id}/attach`, query, signal });
    // The engine never ends the stream of a container that had ended before it was joined.
    const found = await this.inspect(id, signal);
    if (!found?.State.Running) {
      socket.destroy();
      throw new EngineError(409, `container ${id} is not running`);
    }
    const joined = new AbortController();
    socket.on('close', () => joined.abort());
    const end = new OutputEnd(socket, streams.tty);
    const isWhole = () => this.#lastLine(id, streams.tty, joined.signal).then((line) => !line || end.is(line));
    this.wait(id, joined.signal)
      .then(() => this.#allRead(socket, isWhole, joined.signal))
      .then(
        () => socket.destroy(),
        () => undefined,
      );
    return processOn(socket, streams, async () => 0, this.#resizer(`/containers/${id}/resize`));
  }

  /**
   * Resolves when the last output of a container that has ended has been read, however slow its reader or the engine is. The
   * engine itself does not end the stream while the client could still write.
   */
  async #allRead(socket: Duplex, isWhole: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    for (let quiet = 0; ; ) {
      const { bytesRead } = socket as Socket;
      await this.#clock.sleep(silence, signal);
      const more = (socket as Socket).bytesRead > bytesRead || socket.isPaused() || socket.readableLength > 0;
      quiet = more ? 0 : quiet + silence;
      if (!more && (quiet >= patience || (await isWhole()))) return;
    }
  }

  /** The last line of a container's log; undefined where there is none, or no log. */
  async #lastLine(id: string, tty: boolean, signal: AbortSignal): Promise<OutputLine | undefined> {
    const request = { stdout: true, stderr: true, follow: false, timestamps: false, tail: 1 };
    const log = await this.logs(id, request, signal).catch(() => undefined);
    return log && lastLineOf(log, tty).catch(() => undefined);
  }

  /** The exit code; the engine may need a moment after the output's end to note it. */
  async #execResult(id: string): Promise<number> {
    for (let delay = 1; ; delay = Math.min(delay * 2, 250)) {
      const state = await this.inspectExec(id);
      if (!state) throw new Error('the container ended while the command ran');
      if (!state.Running && state.ExitCode !== null) return state.ExitCode;
      await this.#clock.sleep(delay);
    }
  }

  /** Sends terminal sizes one after another; a size for a process that has ended is no error. */
  #resizer(path: string): (columns: number, rows: number) => void {
    let turn: Promise<unknown> = Promise.resolve();
    return (columns, rows) => {
      const send = () => this.#requests.act('POST', path, { w: columns, h: rows });
      turn = turn.then(send).catch(() => undefined);
    };
  }
}
